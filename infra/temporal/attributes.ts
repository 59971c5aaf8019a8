import type { Connection } from '@temporalio/client';
import { defineSearchAttributeKey, type SearchAttributePair, SearchAttributeType } from '@temporalio/common';

const org = defineSearchAttributeKey('ArmatureOrg', SearchAttributeType.KEYWORD);
const workflow = defineSearchAttributeKey('ArmatureWorkflow', SearchAttributeType.KEYWORD);
const server = defineSearchAttributeKey('ArmatureServer', SearchAttributeType.KEYWORD);
const status = defineSearchAttributeKey('ArmatureStatus', SearchAttributeType.KEYWORD);

/** Search attributes by which operators find a workflow in Temporal Web. */
export const toSearchAttributes = ({
  orgId,
  workflowId,
  serverId,
  status: runStatus,
}: {
  orgId: string;
  workflowId?: string;
  serverId?: string;
  status?: string;
}): SearchAttributePair[] => [
  { key: org, value: orgId },
  ...(workflowId === undefined ? [] : [{ key: workflow, value: workflowId }]),
  ...(serverId === undefined ? [] : [{ key: server, value: serverId }]),
  ...(runStatus === undefined ? [] : [{ key: status, value: runStatus }]),
];

/** `INDEXED_VALUE_TYPE_KEYWORD`. Node can't import the enum by name: @temporalio/proto is CommonJS. */
const indexedValueTypeKeyword = 2;

/** Registers the search attributes that the namespace lacks. */
export async function ensureSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = [org, workflow, server, status].filter(({ name }) => !customAttributes?.[name]);
  if (!missing.length) return;
  await connection.operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(missing.map(({ name }) => [name, indexedValueTypeKeyword])),
  });
}
