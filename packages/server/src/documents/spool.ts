/**
 * Where documents are while they are signed: files of this process alone, readable by it alone, gone afterwards.
 *
 * Each call has a folder of its own, which ends with it. What a process left that was killed is removed at the next start.
 */
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Refusal } from '@natsuin/protocol/refusal'
import type { ServerRefusal } from '../signing/refusals.ts'

export interface SpoolFolder {
  /** Where a file of this name is, or will be. */
  path(name: string): string
  remove(): Promise<void>
}

export interface Spool {
  /**
   * @param owner whose documents they are; nobody has all of the room, and some of it is kept for what was accepted
   *   before: that has no owner
   * @throws Refusal `documents-busy` when there are as many as there may be
   */
  folder(owner?: string): Promise<SpoolFolder>
  close(): Promise<void>
}

/** Uploads that are waiting take room on the disk and nothing else; a queue without end would take all of it. */
const MAX_FOLDERS = 32
const KEPT_FOR_ACCEPTED = 4
const MAX_OF_ONE_OWNER = 8
const PREFIX = 'call-'

/** @param directory of this process alone; empty for a fresh one among the system's temporary files */
export async function openSpool(directory: string): Promise<Spool> {
  const root = directory === '' ? await mkdtemp(join(tmpdir(), 'natsuin-documents-')) : directory
  await mkdir(root, { recursive: true, mode: 0o700 })
  await removeLeftovers(root)
  const room = new Room()
  return {
    async folder(owner) {
      room.take(owner)
      try {
        return await newFolder(root, () => room.give(owner))
      } catch (error) {
        room.give(owner)
        throw error
      }
    },
    close: () => (directory === '' ? removed(root) : removeLeftovers(root)),
  }
}

class Room {
  readonly #byOwner = new Map<string | undefined, number>()
  #taken = 0

  /** @throws Refusal `documents-busy` */
  take(owner: string | undefined): void {
    const own = this.#byOwner.get(owner) ?? 0
    const isFull =
      owner === undefined
        ? this.#taken >= MAX_FOLDERS
        : this.#taken >= MAX_FOLDERS - KEPT_FOR_ACCEPTED || own >= MAX_OF_ONE_OWNER
    if (isFull) throw new Refusal<ServerRefusal>('documents-busy')
    this.#taken += 1
    this.#byOwner.set(owner, own + 1)
  }

  give(owner: string | undefined): void {
    this.#taken -= 1
    const left = (this.#byOwner.get(owner) ?? 1) - 1
    if (left === 0) this.#byOwner.delete(owner)
    else this.#byOwner.set(owner, left)
  }
}

async function newFolder(root: string, onRemoved: () => void): Promise<SpoolFolder> {
  const folder = await mkdtemp(join(root, PREFIX))
  let present = true
  return {
    path: name => join(folder, name),
    async remove() {
      if (!present) return
      present = false
      onRemoved()
      await removed(folder)
    },
  }
}

/** Only what has a name that we gave: a directory that was named by mistake keeps what it has. */
async function removeLeftovers(root: string): Promise<void> {
  const names = await readdir(root)
  await Promise.all(names.filter(name => name.startsWith(PREFIX)).map(name => removed(join(root, name))))
}

const removed = (path: string) => rm(path, { recursive: true, force: true })
