"""What a client is asked to do at the MCP endpoint. Its program prints what it got as JSON.

Arguments of each program: address, API key, id of a workflow, id of a run, and more if the program takes more.
"""

import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, Protocol

ADDRESS, KEY, WORKFLOW, RUN = sys.argv[1:5]
HEADERS = {"Authorization": f"Bearer {KEY}"}
TRACE = f"armature://runs/{RUN}/trace"
REPAIR = ("repair_failing_workflow", {"runId": RUN})
# A call of each kind that an agent has to be able to correct.
WRONG_ARGUMENT = ("list_workflows", {"limit": 0})
UNKNOWN_RUN = ("inspect_run", {"runId": "unknown"})


class Result(NamedTuple):
    is_error: bool
    text: str
    structured: Any


class Client(Protocol):
    async def tools(self) -> list[str]: ...
    async def call(self, name: str, arguments: dict[str, Any], progress: Callable[..., Awaitable[None]]) -> Result: ...
    async def resource(self, uri: str) -> str: ...
    async def prompt(self, name: str, arguments: dict[str, str]) -> str: ...


def tell(report: dict[str, Any]) -> None:
    print(json.dumps(report))


async def meet(client: Client, *, protocol: str, name: str) -> None:
    progress: list[float] = []

    async def on_progress(value: float, *_: object) -> None:
        progress.append(value)

    async def fail(tool: str, arguments: dict[str, Any]) -> str:
        result = await client.call(tool, arguments, on_progress)
        return result.text if result.is_error else "The call did not fail."

    run = {"workflowId": WORKFLOW, "reason": f"Met with {name}", "wait": True}
    tell(
        {
            "protocol": protocol,
            "tools": await client.tools(),
            "answer": (await client.call("list_workflows", {}, on_progress)).structured,
            "wrongArgument": await fail(*WRONG_ARGUMENT),
            "unknownRun": await fail(*UNKNOWN_RUN),
            "resource": await client.resource(TRACE),
            "prompt": await client.prompt(*REPAIR),
            "run": (await client.call("run_workflow_now", run, on_progress)).structured,
            "progress": progress,
        }
    )
