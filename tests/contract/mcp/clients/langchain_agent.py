"""An agent of LangGraph with LangChain's adapter, whose model follows a script. Needs no network."""

import asyncio

from langchain_core.messages import AIMessage, ToolMessage
from langchain_mcp_adapters.callbacks import Callbacks
from langchain_mcp_adapters.client import MultiServerMCPClient
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition
from meeting import ADDRESS, HEADERS, REPAIR, TRACE, UNKNOWN_RUN, WORKFLOW, WRONG_ARGUMENT, tell

RUN_NOW = ("run_workflow_now", {"workflowId": WORKFLOW, "reason": "Met with LangChain", "wait": True})
CALLS = [WRONG_ARGUMENT, UNKNOWN_RUN, ("list_workflows", {}), RUN_NOW]


def model(state: MessagesState):
    made = sum(isinstance(message, ToolMessage) for message in state["messages"])
    if made == len(CALLS):
        return {"messages": [AIMessage("Done.")]}
    name, arguments = CALLS[made]
    call = {"type": "tool_call", "id": f"call-{made}", "name": name, "args": arguments}
    return {"messages": [AIMessage("", tool_calls=[call])]}


async def main() -> None:
    progress: list[float] = []

    async def on_progress(value: float, *_: object) -> None:
        progress.append(value)

    client = MultiServerMCPClient(
        {"armature": {"transport": "streamable_http", "url": ADDRESS, "headers": HEADERS}},
        callbacks=Callbacks(on_progress=on_progress),
    )
    tools = await client.get_tools()
    graph = StateGraph(MessagesState)
    graph.add_node("model", model)
    graph.add_node("tools", ToolNode(tools))
    graph.add_edge(START, "model")
    graph.add_conditional_edges("model", tools_condition)
    graph.add_edge("tools", "model")
    *_, last = messages = (await graph.compile().ainvoke({"messages": [("user", "Go.")]}))["messages"]
    answers = [message for message in messages if isinstance(message, ToolMessage)]
    [resource] = await client.get_resources("armature", uris=[TRACE])
    [prompt, *_] = await client.get_prompt("armature", REPAIR[0], arguments=REPAIR[1])
    tell(
        {
            "tools": [tool.name for tool in tools],
            "seen": [answer.text for answer in answers],
            "statuses": [answer.status for answer in answers],
            "final": last.text,
            "resource": resource.as_string(),
            "prompt": prompt.text,
            "progress": progress,
        }
    )


asyncio.run(main())
