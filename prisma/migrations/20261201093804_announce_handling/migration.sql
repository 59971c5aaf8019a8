-- Pages follow these as well (notify_live).
CALL armature_announce_changes('IncidentUpdate', 'incident', 'orgId', 'incidentId', 'insert');
CALL armature_announce_changes('Invitation', 'member', 'orgId', '', 'insert', 'update');
CALL armature_announce_changes('Budget', 'budget', 'orgId', 'id', 'insert', 'update', 'delete');
CALL armature_announce_changes('ModelProvider', 'model_provider', 'orgId', 'id', 'insert', 'update', 'delete');
