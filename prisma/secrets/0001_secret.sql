-- One row a secret. `wrapped_key` is the row's own data key, encrypted by the master key `key_id`; `sealed` is the value encrypted by
-- the data key. Both are nonce (12 bytes), tag (16 bytes), ciphertext of AES-256-GCM, bound to `org_id` and `ref`.
CREATE TABLE secret (
  org_id uuid NOT NULL,
  ref text NOT NULL,
  key_id text NOT NULL,
  wrapped_key bytea NOT NULL,
  sealed bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, ref)
);
