CREATE TABLE "channels" (
	"channel_id" text PRIMARY KEY NOT NULL,
	"last_seq" numeric(39, 0) NOT NULL,
	"units_in" numeric(39, 0) NOT NULL,
	"units_out" numeric(39, 0) NOT NULL,
	"cumulative_fee" numeric(39, 0) NOT NULL,
	"last_receipt_hash" text NOT NULL,
	"settled_fee" numeric(39, 0) NOT NULL,
	"settled_seq" numeric(39, 0) NOT NULL
);
--> statement-breakpoint
CREATE TABLE "entries" (
	"channel_id" text NOT NULL,
	"seq" numeric(39, 0) NOT NULL,
	"keyset_epoch" numeric(39, 0) NOT NULL,
	"receipt" jsonb NOT NULL,
	"receipt_signature" text NOT NULL,
	"voucher" jsonb NOT NULL,
	"voucher_signature" text NOT NULL,
	"journaled_at" bigint NOT NULL,
	"outcome" text,
	"attempts" integer DEFAULT 0 NOT NULL,
	"last_reason" text,
	"transaction_hash" text,
	CONSTRAINT "entries_channel_id_seq_pk" PRIMARY KEY("channel_id","seq")
);
--> statement-breakpoint
CREATE TABLE "identity" (
	"one" smallint PRIMARY KEY DEFAULT 1 NOT NULL,
	"provider_id" text NOT NULL,
	"escrow" text NOT NULL,
	"chain_id" numeric(39, 0) NOT NULL
);
--> statement-breakpoint
CREATE TABLE "replays" (
	"keyset_digest" text NOT NULL,
	"encapsulated_key_hash" text NOT NULL,
	"seen_at" bigint NOT NULL,
	CONSTRAINT "replays_keyset_digest_encapsulated_key_hash_pk" PRIMARY KEY("keyset_digest","encapsulated_key_hash")
);
--> statement-breakpoint
ALTER TABLE "entries" ADD CONSTRAINT "entries_channel_id_channels_channel_id_fk" FOREIGN KEY ("channel_id") REFERENCES "public"."channels"("channel_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "entries_unsettled" ON "entries" USING btree ("outcome","channel_id");