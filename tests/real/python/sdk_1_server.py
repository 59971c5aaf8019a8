"""A server of the Python SDK 1: `sdk_1_server.py <http|json|sse> <port>`."""

import sys

from mcp.server.fastmcp import FastMCP

kind, port = sys.argv[1], int(sys.argv[2])
server = FastMCP("greeter", host="127.0.0.1", port=port, json_response=kind == "json")


@server.tool()
def greet(name: str) -> str:
    """Greets somebody."""
    return f"Hello, {name}"


server.run(transport="sse" if kind == "sse" else "streamable-http")
