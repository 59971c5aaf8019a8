"""A server of FastMCP, of either generation: `fastmcp_server.py <http|json|sse> <port>`."""

import sys

from fastmcp import Context, FastMCP

server = FastMCP("greeter")


@server.tool
def greet(name: str) -> str:
    """Greets somebody."""
    return f"Hello, {name}"


@server.tool
async def count_roots(ctx: Context) -> str:
    """Asks the client for its roots."""
    return f"{len(await ctx.list_roots())} roots"


@server.tool
async def ask_name(ctx: Context) -> str:
    """Asks the person for their name."""
    return str(await ctx.elicit("What is your name?", response_type=str))


@server.tool
async def ask_model(ctx: Context) -> str:
    """Asks the client's model for a greeting."""
    return str(await ctx.sample("Say hello."))


kind, port = sys.argv[1], int(sys.argv[2])
if kind == "sse":
    server.run(transport="sse", host="127.0.0.1", port=port, show_banner=False)
else:
    server.run(transport="http", host="127.0.0.1", port=port, json_response=kind == "json", show_banner=False)
