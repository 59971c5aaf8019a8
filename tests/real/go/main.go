// A server of mark3labs/mcp-go: `mcp-go <http|sse> <address>`.
package main

import (
	"context"
	"log"
	"os"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

func main() {
	mcpServer := server.NewMCPServer("greeter", "1.0.0", server.WithToolCapabilities(true))
	mcpServer.AddTool(
		mcp.NewTool("greet", mcp.WithDescription("Greets somebody."), mcp.WithString("name", mcp.Required())),
		func(_ context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			name, err := request.RequireString("name")
			if err != nil {
				return mcp.NewToolResultError(err.Error()), nil
			}
			return mcp.NewToolResultText("Hello, " + name), nil
		},
	)
	transport, address := os.Args[1], os.Args[2]
	if transport == "sse" {
		log.Fatal(server.NewSSEServer(mcpServer).Start(address))
	}
	log.Fatal(server.NewStreamableHTTPServer(mcpServer).Start(address))
}
