import { type Connection, isGrpcServiceError } from '@temporalio/client';
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

/** gRPC's codes PERMISSION_DENIED and UNIMPLEMENTED. Temporal Cloud has tools of its own for search attributes. */
const isRefused = (error: unknown): boolean => isGrpcServiceError(error) && (error.code === 7 || error.code === 12);

/**
 * Registers the search attributes that the namespace lacks. Where the connection may not see them, they are taken to be
 * there.
 * @throws Error that names those that an operator has to create
 */
export async function ensureSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const wanted = [org, workflow, server, status].map(({ name }) => name);
  let missing: string[];
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    missing = wanted.filter((name) => !customAttributes?.[name]);
  } catch (error) {
    if (isRefused(error)) return;
    throw error;
  }
  if (missing.length === 0) return;
  try {
    await connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map((name) => [name, indexedValueTypeKeyword])),
    });
  } catch (error) {
    if (!isRefused(error)) throw error;
    const message = `The namespace ${namespace} lacks the search attributes ${missing.join(', ')}, and this connection may not add them. Create them, of type Keyword.`;
    throw new Error(message, { cause: error });
  }
}
