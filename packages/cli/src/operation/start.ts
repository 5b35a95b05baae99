/** natsuin start — starts the processes of a deployment on this machine and stays until one ends or it is told to. */
import {
  ProcessEnded,
  type ProcessName,
  type RunningProcess,
  startProcess,
} from '@natsuin/protocol/node/processes'
import type { Command, Terminal } from '../command.ts'
import { readArguments } from './check.ts'
import { configurationIn, DEFAULT_DIRECTORY } from './directory.ts'

export const start: Command = {
  name: 'start',
  usage: '[process …] [--directory DIR]',
  help: `Starts sam, authorities, server and sic in this order, or those that are named, under the Node that was
installed with them, and says when each is ready. SIGTERM and SIGINT stop them in the other order; when
one of them ends by itself, the others are stopped. Their logs go to standard error.

In production a service manager starts each as a user of its own: deploy/systemd.

  --directory DIR   what natsuin init wrote (${DEFAULT_DIRECTORY})

Exit status: 0 stopped as told, 1 a process ended by itself or did not start, 2 wrong usage,
3 a port is taken.`,

  async run(args, terminal) {
    const { directory, names } = readArguments(args)
    const told = whenTold()
    const running: RunningProcess[] = []
    try {
      for (const name of names) running.push(await startOne(directory, name, terminal))
      const ended = await Promise.race([told, ...running.map(whenEnded)])
      if (ended === 'told') return 0
      terminal.error(`✘ ${ended} ended; the others are stopped`)
      return 1
    } catch (error) {
      if (!(error instanceof ProcessEnded)) throw error
      terminal.error(`✘ ${error.message}`)
      return error.exitCode === ADDRESS_IN_USE ? ADDRESS_IN_USE : 1
    } finally {
      await stopAll(running, terminal)
    }
  },
}

const ADDRESS_IN_USE = 3

async function startOne(directory: string, name: ProcessName, { out }: Terminal): Promise<RunningProcess> {
  const onLog = (line: string) => void process.stderr.write(`${line}\n`)
  const args = ['start', '--config', configurationIn(directory, name)]
  const running = await startProcess({ name, args, onLog })
  const { url, socket } = running.ready
  out(`✔ ${name} is ready (${url ?? socket ?? ''}, pid ${running.pid})`)
  return running
}

async function whenEnded({ name, exited }: RunningProcess): Promise<string> {
  const code = await exited
  return `${name} (${code ?? 'by a signal'})`
}

function whenTold(): Promise<'told'> {
  const { promise, resolve } = Promise.withResolvers<'told'>()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve('told'))
  return promise
}

async function stopAll(running: readonly RunningProcess[], { out }: Terminal): Promise<void> {
  for (const one of running.toReversed()) {
    await one.stop()
    out(`✔ ${one.name} has stopped`)
  }
}
