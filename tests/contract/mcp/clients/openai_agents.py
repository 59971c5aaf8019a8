"""An agent of the OpenAI Agents SDK with strict schemas, whose model follows a script. Needs no network."""

import asyncio
import json
from collections.abc import AsyncIterator

from agents import Agent, Model, ModelResponse, Runner, Usage, set_tracing_disabled
from agents.mcp import MCPServerStreamableHttp
from meeting import ADDRESS, HEADERS, REPAIR, TRACE, UNKNOWN_RUN, WRONG_ARGUMENT, tell
from openai.types.responses import ResponseFunctionToolCall, ResponseOutputMessage, ResponseOutputText


class Script(Model):
    """Makes one call after the other, and keeps what it gets to see."""

    def __init__(self) -> None:
        self.tools = {}
        self.seen: list[str] = []

    async def get_response(self, system_instructions, input, model_settings, tools, *args, **kwargs) -> ModelResponse:
        self.tools = {tool.name: tool for tool in tools}
        self.seen = [item["output"] for item in input if item.get("type") == "function_call_output"]
        # A strict schema requires every argument: a model sends null for what it leaves out.
        name, given = [WRONG_ARGUMENT, UNKNOWN_RUN, ("list_workflows", {}), (None, {})][len(self.seen)]
        if name is None:
            text = ResponseOutputText(type="output_text", text="Done.", annotations=[])
            said = ResponseOutputMessage(id="m", type="message", role="assistant", status="completed", content=[text])
            return ModelResponse(output=[said], usage=Usage(), response_id=None)
        arguments = dict.fromkeys(self.tools[name].params_json_schema["properties"]) | given
        call_id = f"call-{len(self.seen)}"
        call = ResponseFunctionToolCall(
            type="function_call", call_id=call_id, name=name, arguments=json.dumps(arguments)
        )
        return ModelResponse(output=[call], usage=Usage(), response_id=None)

    def stream_response(self, *args, **kwargs) -> AsyncIterator:
        raise NotImplementedError("The agent doesn't stream.")


async def main() -> None:
    set_tracing_disabled(True)
    async with MCPServerStreamableHttp(params={"url": ADDRESS, "headers": HEADERS, "timeout": 60}) as server:
        model = Script()
        agent = Agent(
            name="Agent", model=model, mcp_servers=[server], mcp_config={"convert_schemas_to_strict": True}
        )
        result = await Runner.run(agent, "Go.")
        resource = await server.read_resource(TRACE)
        prompt = await server.get_prompt(*REPAIR)
        tell(
            {
                "tools": list(model.tools),
                "strict": [name for name, tool in model.tools.items() if tool.strict_json_schema],
                "seen": model.seen,
                "final": result.final_output,
                "resource": resource.contents[0].text,
                "prompt": prompt.messages[0].content.text,
            }
        )


asyncio.run(main())
