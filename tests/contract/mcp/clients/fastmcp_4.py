"""FastMCP 4."""

import asyncio

from fastmcp import Client
from fastmcp.client.transports import StreamableHttpTransport
from meeting import ADDRESS, HEADERS, Result, meet


class Adapter:
    def __init__(self, client: Client) -> None:
        self.client = client

    async def tools(self):
        return [tool.name for tool in await self.client.list_tools()]

    async def call(self, name, arguments, progress):
        result = await self.client.call_tool(name, arguments, progress_handler=progress, raise_on_error=False)
        return Result(result.is_error, result.content[0].text, result.structured_content)

    async def resource(self, uri):
        return (await self.client.read_resource(uri))[0].text

    async def prompt(self, name, arguments):
        return (await self.client.get_prompt(name, arguments)).messages[0].content.text


async def main() -> None:
    async with Client(StreamableHttpTransport(ADDRESS, headers=HEADERS)) as client:
        await meet(Adapter(client), protocol=client.protocol_version, name="FastMCP")


asyncio.run(main())
