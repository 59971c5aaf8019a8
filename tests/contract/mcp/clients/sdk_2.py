"""The Python SDK 2. Takes its mode too: "auto" or "legacy"."""

import asyncio
import sys

import httpx2
from meeting import ADDRESS, HEADERS, Result, meet
from mcp import Client
from mcp.client.streamable_http import streamable_http_client


class Adapter:
    def __init__(self, client: Client) -> None:
        self.client = client

    async def tools(self):
        return [tool.name for tool in (await self.client.list_tools()).tools]

    async def call(self, name, arguments, progress):
        result = await self.client.call_tool(name, arguments, progress_callback=progress)
        return Result(result.is_error, result.content[0].text, result.structured_content)

    async def resource(self, uri):
        return (await self.client.read_resource(uri)).contents[0].text

    async def prompt(self, name, arguments):
        return (await self.client.get_prompt(name, arguments)).messages[0].content.text


async def main(mode: str) -> None:
    async with (
        httpx2.AsyncClient(headers=HEADERS, timeout=60) as http,
        Client(streamable_http_client(ADDRESS, http_client=http), mode=mode) as client,
    ):
        await meet(Adapter(client), protocol=client.protocol_version, name=f"the Python SDK 2, {mode}")


asyncio.run(main(sys.argv[5]))
