ALTER TABLE "channels" ADD COLUMN "close_final" numeric(39, 0);--> statement-breakpoint
ALTER TABLE "channels" ADD COLUMN "close_agreed_at" bigint;