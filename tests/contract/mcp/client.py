"""Speaks to the MCP endpoint with the Python client, and prints what it got as JSON.

Arguments: address of the endpoint, API key, mode ("auto" or "legacy").
"""

import asyncio
import json
import sys

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError


async def main(url: str, key: str, mode: str) -> None:
    async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {key}"}) as http:
        async with Client(streamable_http_client(url, http_client=http), mode=mode) as client:
            tools = await client.list_tools()
            answer = await client.call_tool("list_workflows", {})
            resource = await client.read_resource("armature://catalog/models")
            try:
                await client.call_tool("list_workflows", {"limit": 0})
                refusal = None
            except MCPError as error:
                refusal = {"code": error.code, "message": error.message, "data": error.data}
            print(
                json.dumps(
                    {
                        "protocol": client.protocol_version,
                        "tools": [tool.name for tool in tools.tools],
                        "answer": answer.structured_content,
                        "resource": json.loads(resource.contents[0].text),
                        "refusal": refusal,
                    }
                )
            )


asyncio.run(main(*sys.argv[1:4]))
