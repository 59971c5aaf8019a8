"""The Python SDK 1."""

import asyncio

import httpx
from meeting import ADDRESS, HEADERS, Result, meet
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client


class Adapter:
    def __init__(self, session: ClientSession) -> None:
        self.session = session

    async def tools(self):
        return [tool.name for tool in (await self.session.list_tools()).tools]

    async def call(self, name, arguments, progress):
        result = await self.session.call_tool(name, arguments, progress_callback=progress)
        return Result(result.isError, result.content[0].text, result.structuredContent)

    async def resource(self, uri):
        return (await self.session.read_resource(uri)).contents[0].text

    async def prompt(self, name, arguments):
        return (await self.session.get_prompt(name, arguments)).messages[0].content.text


async def main() -> None:
    async with (
        httpx.AsyncClient(headers=HEADERS, timeout=60) as http,
        streamable_http_client(ADDRESS, http_client=http) as (read, write, _),
        ClientSession(read, write) as session,
    ):
        server = await session.initialize()
        await meet(Adapter(session), protocol=server.protocolVersion, name="the Python SDK 1")


asyncio.run(main())
