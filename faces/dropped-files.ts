/**
 * The files in what was dropped: those of folders too, however deep (File and Directory Entries API, 5).
 *
 * Entries can only be taken while the drop is being handled; reading them takes longer.
 */

/** More than anybody drops on purpose: whoever drops a whole disk is not kept waiting for it. */
const MAX_FILES = 10_000

/** To be called while the event is being handled. Files in no order that matters. */
export function droppedFiles(transfer: DataTransfer): Promise<readonly File[]> {
  const entries = [...transfer.items].flatMap(item => item.webkitGetAsEntry() ?? [])
  return entries.length === 0 ? Promise.resolve([...transfer.files]) : filesIn(entries)
}

async function filesIn(entries: readonly FileSystemEntry[]): Promise<readonly File[]> {
  const files: File[] = []
  const queue = [...entries]
  for (let entry = queue.shift(); entry !== undefined && files.length < MAX_FILES; entry = queue.shift()) {
    if (isFile(entry)) files.push(await fileOf(entry))
    else if (isFolder(entry)) queue.push(...(await entriesOf(entry)))
  }
  return files
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile
const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  const { promise, resolve, reject } = Promise.withResolvers<File>()
  entry.file(resolve, reject)
  return promise
}

/** Browsers give a hundred at a time, until none is left. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<readonly FileSystemEntry[]> {
  const reader = folder.createReader()
  const all: FileSystemEntry[] = []
  for (let some = await read(reader); some.length > 0; some = await read(reader)) all.push(...some)
  return all
}

function read(reader: FileSystemDirectoryReader): Promise<readonly FileSystemEntry[]> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly FileSystemEntry[]>()
  reader.readEntries(resolve, reject)
  return promise
}
