import type { Connection } from '@temporalio/client';
import { defineSearchAttributeKey, type SearchAttributePair, SearchAttributeType } from '@temporalio/common';

const org = defineSearchAttributeKey('ArmatureOrg', SearchAttributeType.KEYWORD);
const workflow = defineSearchAttributeKey('ArmatureWorkflow', SearchAttributeType.KEYWORD);
const server = defineSearchAttributeKey('ArmatureServer', SearchAttributeType.KEYWORD);
const status = defineSearchAttributeKey('ArmatureStatus', SearchAttributeType.KEYWORD);

/** What an operator finds a workflow by in Temporal Web. */
export const toSearchAttributes = (of: {
  orgId: string;
  workflowId?: string;
  serverId?: string;
  status?: string;
}): SearchAttributePair[] => [
  { key: org, value: of.orgId },
  ...(of.workflowId === undefined ? [] : [{ key: workflow, value: of.workflowId }]),
  ...(of.serverId === undefined ? [] : [{ key: server, value: of.serverId }]),
  ...(of.status === undefined ? [] : [{ key: status, value: of.status }]),
];

/** `INDEXED_VALUE_TYPE_KEYWORD`. Node can't import the enum by name: @temporalio/proto is CommonJS. */
const indexedValueTypeKeyword = 2;

/** Registers those that the namespace doesn't know yet. */
export async function ensureSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = [org, workflow, server, status].filter(({ name }) => !customAttributes?.[name]);
  if (!missing.length) return;
  await connection.operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(missing.map(({ name }) => [name, indexedValueTypeKeyword])),
  });
}
