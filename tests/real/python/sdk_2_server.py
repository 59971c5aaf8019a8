"""A server of the Python SDK 2: `sdk_2_server.py <http|json|sse> <port>`."""

import sys

from mcp.server.mcpserver import MCPServer

kind, port = sys.argv[1], int(sys.argv[2])
server = MCPServer("greeter")


@server.tool()
def greet(name: str) -> str:
    """Greets somebody."""
    return f"Hello, {name}"


if kind == "sse":
    server.run("sse", host="127.0.0.1", port=port)
else:
    server.run("streamable-http", host="127.0.0.1", port=port, json_response=kind == "json")
