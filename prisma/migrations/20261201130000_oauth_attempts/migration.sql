-- Which refresh was begun, so that one whose answer was lost is known.
ALTER TABLE "OAuthProfile" ADD COLUMN "attemptedGeneration" INTEGER, ADD COLUMN "attemptedAt" TIMESTAMPTZ(3);
