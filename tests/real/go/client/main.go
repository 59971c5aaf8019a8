// Meets the MCP endpoint with the official Go SDK, and prints what it got as JSON:
// `client <address> <key> <workflow id> <run id>`.
package main

import (
	"context"
	"encoding/json"
	"log"
	"net/http"
	"os"
	"sync"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

type withKey string

func (key withKey) RoundTrip(request *http.Request) (*http.Response, error) {
	keyed := request.Clone(request.Context())
	keyed.Header.Set("Authorization", "Bearer "+string(key))
	return http.DefaultTransport.RoundTrip(keyed)
}

type progressed struct {
	sync.Mutex
	values []float64
}

func (p *progressed) add(_ context.Context, request *mcp.ProgressNotificationClientRequest) {
	p.Lock()
	defer p.Unlock()
	p.values = append(p.values, request.Params.Progress)
}

func orEnd[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

// The text of a failed call, as the program's model would get it.
func errorText(result *mcp.CallToolResult) string {
	if !result.IsError {
		return "The call did not fail."
	}
	return result.Content[0].(*mcp.TextContent).Text
}

func main() {
	log.SetFlags(0)
	address, key, workflowID, runID := os.Args[1], os.Args[2], os.Args[3], os.Args[4]
	ctx := context.Background()
	progress := progressed{values: []float64{}}
	client := mcp.NewClient(
		&mcp.Implementation{Name: "go", Version: "1.0.0"},
		&mcp.ClientOptions{ProgressNotificationHandler: progress.add},
	)
	session := orEnd(client.Connect(ctx, &mcp.StreamableClientTransport{
		Endpoint:   address,
		HTTPClient: &http.Client{Transport: withKey(key)},
	}, nil))
	call := func(name string, arguments map[string]any) *mcp.CallToolResult {
		params := &mcp.CallToolParams{Name: name, Arguments: arguments}
		params.SetProgressToken(name)
		return orEnd(session.CallTool(ctx, params))
	}
	tools := []string{}
	for tool, err := range session.Tools(ctx, nil) {
		tools = append(tools, orEnd(tool, err).Name)
	}
	uri := "armature://runs/" + runID + "/trace"
	resource := orEnd(session.ReadResource(ctx, &mcp.ReadResourceParams{URI: uri}))
	prompt := orEnd(session.GetPrompt(ctx, &mcp.GetPromptParams{
		Name:      "repair_failing_workflow",
		Arguments: map[string]string{"runId": runID},
	}))
	report := map[string]any{
		"protocol":      session.InitializeResult().ProtocolVersion,
		"tools":         tools,
		"answer":        call("list_workflows", map[string]any{}).StructuredContent,
		"wrongArgument": errorText(call("list_workflows", map[string]any{"limit": 0})),
		"unknownRun":    errorText(call("inspect_run", map[string]any{"runId": "unknown"})),
		"resource":      resource.Contents[0].Text,
		"prompt":        prompt.Messages[0].Content.(*mcp.TextContent).Text,
		"run": call("run_workflow_now", map[string]any{
			"workflowId": workflowID, "reason": "Met with the Go SDK", "wait": true,
		}).StructuredContent,
	}
	if err := session.Close(); err != nil {
		log.Fatal(err)
	}
	progress.Lock()
	defer progress.Unlock()
	report["progress"] = progress.values
	if err := json.NewEncoder(os.Stdout).Encode(report); err != nil {
		log.Fatal(err)
	}
}
