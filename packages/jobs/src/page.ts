/**
 * Pieces in pages: {@link connectPage} by websocket, {@link workAsGuest} as a worker that nobody vouches for.
 *
 * @packageDocumentation
 */
export { type GuestOptions, type GuestPiece, workAsGuest } from "./nats/guest.js";
export { connectPage, type PageCredentials } from "./nats/page-connection.js";
