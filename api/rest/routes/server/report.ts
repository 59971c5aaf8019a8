import { acceptFinding, reopenFinding } from '../../../../services/report/accept.ts';
import { getReport } from '../../../../services/report/get.ts';
import { findingOutput, reportOutput } from '../../../../services/report/schema.ts';
import { defineRoute } from '../../route.ts';

const finding = findingOutput.meta({ id: 'Finding' });

export const reportRoutes = [
  defineRoute({
    method: 'GET',
    path: '/mcp-servers/{serverId}/report',
    operation: 'getServerReport',
    summary: 'Returns the latest report on the server: scores, findings, history',
    useCase: getReport,
    input: getReport.useCase.input,
    output: reportOutput.extend({ findings: finding.array() }).meta({ id: 'Report' }),
    run: (ctx, given) => getReport(ctx, given),
  }),
  defineRoute({
    method: 'POST',
    path: '/mcp-servers/{serverId}/report/findings/{findingId}/accept',
    operation: 'acceptFinding',
    summary: 'Accepts a finding with a reason, for good or until an end',
    useCase: acceptFinding,
    input: acceptFinding.useCase.input,
    output: finding,
    run: (ctx, given) => acceptFinding(ctx, given),
  }),
  defineRoute({
    method: 'POST',
    path: '/mcp-servers/{serverId}/report/findings/{findingId}/reopen',
    operation: 'reopenFinding',
    summary: 'Takes the acceptance of a finding back',
    useCase: reopenFinding,
    input: reopenFinding.useCase.input,
    output: finding,
    run: (ctx, given) => reopenFinding(ctx, given),
  }),
];
