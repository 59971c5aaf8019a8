import type { WorkflowDefinition } from '../../domain/workflow/definition.ts';
import type { Ran, Repair } from './agent.ts';
import { type Definition, type Fault, services } from './fault.ts';
import { type Deployment, type RunningServer, startServer } from './server/serve.ts';

/** A workflow that fails and is repaired, wherever it runs. */
export type Subject = {
  run(reason: string): Promise<Ran>;
  /** Saves changes, as a person does. */
  edit(changes: Partial<Definition>): Promise<void>;
  definition(): Promise<WorkflowDefinition>;
  /** Has the agent repair the latest failed run, as far as a change is suggested. */
  repair(): Promise<Repair>;
  /** Has the agent draft a regression workflow for that run. */
  pin(runId: string): Promise<Pick<Subject, 'run'> | { refusal: string }>;
};
export type OpenSubject = (workflow: Definition & { name: string; url: string }) => Promise<Subject>;

export type Outcome = {
  /** Status of the failed run. */
  failed: string;
  repair: Repair;
  /** The definitions that the agent found and left. */
  before: WorkflowDefinition;
  after: WorkflowDefinition;
  /** The diagnosis after a change that did not repair. */
  left: Repair | null;
  /** Status of the repaired workflow when the server has a defect besides. */
  sabotaged: string | null;
  draft: { refusal: string } | { red: string; green: string } | null;
  calls: readonly string[];
};

/** Has a fault happen, and an agent repair and pin it. @throws when the fault doesn't show, or an earlier run fails */
export async function drive(fault: Fault, open: OpenSubject): Promise<Outcome> {
  const { tools, definition, sabotage } = services[fault.server];
  const server = await startServer(tools());
  try {
    const subject = await open({ name: fault.name, url: server.url, ...definition, ...fault.workflow });
    await live(fault, { server, subject });
    if (fault.edit) await subject.edit(fault.edit);
    server.deploy(fault.deployment ?? {});
    const failed = await subject.run('The run that fails');
    expectStatus(failed, 'pass', false);
    if (fault.editAfter) await subject.edit(fault.editAfter);

    const before = await subject.definition();
    const repair = await subject.repair();
    const after = await subject.definition();
    const left = repair.rerun && repair.rerun.status !== 'pass' ? await subject.repair() : null;
    const pinned = fault.draft === 'skipped' ? null : await subject.pin(repair.runId);
    const red = pinned && 'run' in pinned ? await pinned.run('With the fault') : null;
    let sabotaged: string | null = null;
    if (repair.rerun?.status === 'pass') {
      server.deploy(join(sabotage, fault.deployment ?? {}));
      sabotaged = (await subject.run('With another defect')).status;
    }
    server.deploy({});
    const draft =
      pinned && red && 'run' in pinned
        ? { red: red.status, green: (await pinned.run('Without the fault')).status }
        : pinned && 'refusal' in pinned
          ? pinned
          : null;
    return { failed: failed.status, repair, before, after, left, sabotaged, draft, calls: server.calls() };
  } finally {
    await server.close();
  }
}

/** What happened before the fault. */
async function live(
  { before = [{}] }: Fault,
  { server, subject }: { server: RunningServer; subject: Subject },
): Promise<void> {
  for (const [index, { repair, ...deployment }] of before.entries()) {
    server.deploy(deployment);
    const works = Object.keys(deployment).length === 0;
    expectStatus(await subject.run(`Run ${index + 1}`), 'pass', works);
    if (repair) expectStatus((await subject.repair()).rerun, 'pass', true);
  }
}

function expectStatus(ran: { status: string } | null, status: string, is: boolean): void {
  if ((ran?.status === status) !== is)
    throw new Error(`A run ended with ${ran?.status ?? 'nothing'}, which was not expected.`);
}

const join = (one: Deployment, other: Deployment): Deployment => ({
  ...other,
  changes: [...(one.changes ?? []), ...(other.changes ?? [])],
});
