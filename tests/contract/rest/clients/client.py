"""Creates a workflow by the generated client, runs it and prints its verdicts. Arguments: URL, key, id of the server."""

import json
import sys
import time

import armature_client

url, key, server_id = sys.argv[1:]
configuration = armature_client.Configuration(host=url, access_token=key)
with armature_client.ApiClient(configuration) as client:
    workflows = armature_client.WorkflowsApi(client)
    runs = armature_client.RunsApi(client)
    created = workflows.create_workflow(
        armature_client.CreateWorkflowInput(
            name="By Python",
            serverId=server_id,
            testerModels=["builtin/scripted"],
            judgeModel="builtin/assertions",
            prompt='call search_products {"query": "mug"}',
            criteria=[{"text": "calls `search_products` once"}],
        )
    )
    started = workflows.run_workflow(
        created.workflow.id,
        run_workflow_input=armature_client.RunWorkflowInput(reason="python", metadata={"commit": "a1b2c3"}),
    )
    run_id = started.runs[0].run_id
    while runs.get_run(run_id).run.status in ("pending", "running"):
        time.sleep(0.2)
    record = runs.get_run(run_id)
    evaluation = runs.get_run_evaluation(run_id)
    listed = runs.list_runs(workflow_id=created.workflow.id)
    try:
        runs.get_run("nope")
    except armature_client.ApiException as error:
        refusal = json.loads(error.body)["error"]["code"]
    print(
        json.dumps(
            {
                "status": record.run.status,
                "verdicts": [row.verdict for row in evaluation.rows],
                "listed": len(listed.rows),
                "commit": record.run.metadata.commit,
                "refusal": refusal,
            }
        )
    )
