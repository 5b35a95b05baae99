/**
 * The name that a local socket is bound and asked by. The kernel takes 107 bytes and no more (sun_path, unix(7)), and
 * a path from the working directory often fits where the absolute one does not: start a process beside its socket.
 */
import { relative } from 'node:path'

/** The shorter of the two names of the socket. */
export function socketPath(path: string): string {
  const near = relative('', path)
  return near.length < path.length ? near : path
}
