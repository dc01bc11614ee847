-- Writes one receipt with its voucher, moves its channel, and remembers the encapsulated key of its request: one
-- transaction, and one plan that the session keeps.
-- 0: the key was there already, nothing was written. 1: the channel is somewhere else or its close was agreed, only the
-- key was written. 2: everything was written.
CREATE FUNCTION journal_append(
  p_channel_id text, p_seq numeric, p_units_in numeric, p_units_out numeric, p_cumulative_fee numeric,
  p_receipt_hash text, p_previous_receipt text, p_keyset_epoch numeric, p_receipt jsonb, p_receipt_signature text,
  p_voucher jsonb, p_voucher_signature text, p_keyset_digest text, p_encapsulated_key_hash text, p_seen_at bigint,
  p_journaled_at bigint
) RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO replays (keyset_digest, encapsulated_key_hash, seen_at)
  VALUES (p_keyset_digest, p_encapsulated_key_hash, p_seen_at) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN RETURN 0; END IF;
  -- Every receipt but the first moves the channel by exactly one from the receipt it names.
  IF p_seq = 1 THEN
    INSERT INTO channels (channel_id, last_seq, units_in, units_out, cumulative_fee, last_receipt_hash, settled_fee)
    VALUES (p_channel_id, p_seq, p_units_in, p_units_out, p_cumulative_fee, p_receipt_hash, 0) ON CONFLICT DO NOTHING;
  ELSE
    UPDATE channels SET last_seq = p_seq, units_in = p_units_in, units_out = p_units_out,
      cumulative_fee = p_cumulative_fee, last_receipt_hash = p_receipt_hash
    WHERE channel_id = p_channel_id AND last_seq = p_seq - 1 AND last_receipt_hash = p_previous_receipt
      AND close_final IS NULL;
  END IF;
  IF NOT FOUND THEN RETURN 1; END IF;
  INSERT INTO entries (channel_id, seq, keyset_epoch, receipt, receipt_signature, voucher, voucher_signature, journaled_at)
  VALUES (p_channel_id, p_seq, p_keyset_epoch, p_receipt, p_receipt_signature, p_voucher, p_voucher_signature,
    p_journaled_at);
  RETURN 2;
END $$;
