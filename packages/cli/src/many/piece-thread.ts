/**
 * Entry file of the command's worker threads, which compute pieces with the command's own backends, each on one thread.
 *
 * @packageDocumentation
 */
import { servePieces } from "@comhe/jobs/node";
import { loadBackend } from "../backends/load-backend.js";

await servePieces({ loadBackend: (name) => loadBackend(name, 1) });
