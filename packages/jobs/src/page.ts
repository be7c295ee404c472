/**
 * Pieces computed in web pages: {@link connectPage} connects by websocket, {@link workAsGuest} takes part as an untrusted worker.
 *
 * @packageDocumentation
 */
export { type GuestOptions, type GuestPiece, workAsGuest } from "./nats/guest.js";
export { connectPage, type PageCredentials } from "./nats/page-connection.js";
