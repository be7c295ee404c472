/**
 * Pieces on many machines, through a server of NATS JetStream: {@link submit} puts a plan on the server and waits for its results, {@link work} takes pieces from there.
 * If a worker, the submitting process or the server dies, only the pieces that were under way are lost, and they are computed again.
 *
 * @packageDocumentation
 */
export { Board } from "./nats/board.js";
export type { Check } from "./nats/claims.js";
export { type ConnectOptions, connectTo } from "./nats/connection.js";
export { credentialsOf, serversOf } from "./nats/credentials.js";
export { type GuestOptions, type GuestPiece, workAsGuest } from "./nats/guest.js";
export { type Alive, type BoardEntry, claimHeader, type DeadPiece, type Refusal } from "./nats/messages.js";
export { namesOf, type PlanNames } from "./nats/names.js";
export { NatsStore } from "./nats/nats-store.js";
export { cancelPlan, findPlan, type PlanStatus, resumePlan, statusOf } from "./nats/status.js";
export { type SubmitOptions, type SubmitOutcome, type SubmitProgress, submit } from "./nats/submit.js";
export { type WorkerOptions, work } from "./nats/worker.js";
