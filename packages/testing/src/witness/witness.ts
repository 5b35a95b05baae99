/** A witness of a deployment's logs: our program, as another operator would run it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toBase64url } from '@natsuin/pki/encoding'
import { activityLog, originOf, STATE_LOG } from '@natsuin/protocol/log'
import { type RunningProcess, runCommand, startProcess } from '@natsuin/protocol/node/processes'
import { configurationOf, type KnownDeployment } from '../deployment/index.ts'

export interface RunningWitness {
  readonly vkey: string
  readonly url: string
  /** Where it keeps what it has cosigned. */
  readonly directory: string
  process(): RunningProcess
  /** Logs that it cosigns besides from now on; starts it again, at the same address. */
  restart(changed?: { readonly origins?: readonly string[] }): Promise<void>
  stop(): Promise<void>
}

/** @param samKey DER SubjectPublicKeyInfo */
export async function openWitness(samKey: Uint8Array, origins: readonly string[]): Promise<RunningWitness> {
  const folder = mkdtempSync(join(tmpdir(), 'natsuin-witness-'))
  const config = join(folder, 'witness.json')
  writeFileSync(join(folder, 'sam-key.txt'), toBase64url(samKey))
  const configure = (port: number, known: readonly string[]) =>
    writeFileSync(config, JSON.stringify(settings(port, known)))
  configure(0, origins)
  const { vkey } = await runCommand({ name: 'witness', args: ['init', '--config', config] })
  const start = () => startProcess({ name: 'witness', args: ['start', '--config', config] })
  let running = await start()
  const port = Number(running.ready['port'])
  return {
    vkey: String(vkey),
    url: `http://localhost:${port}`,
    directory: join(folder, 'cosigned'),
    process: () => running,
    async restart(changed = {}) {
      await running.stop()
      configure(port, changed.origins ?? origins)
      running = await start()
    },
    async stop() {
      await running.stop()
      rmSync(folder, { recursive: true })
    },
  }
}

/** A witness that the deployment's SAM has from its next start on. */
export async function giveWitness({ directory, samKey }: KnownDeployment): Promise<RunningWitness> {
  const file = configurationOf(directory, 'sam')
  // Written by `writeConfigurations`.
  const configuration = JSON.parse(readFileSync(file, 'utf8')) as { instance: string; logOrigin: string }
  const { instance, logOrigin } = configuration
  const logs = [STATE_LOG, activityLog(instance)] as const
  const witness = await openWitness(
    samKey,
    logs.map(log => originOf(logOrigin, log)),
  )
  const { url, vkey } = witness
  writeFileSync(file, JSON.stringify({ ...configuration, witnesses: [{ url, vkey }] }, null, 2))
  return witness
}

function settings(port: number, origins: readonly string[]): object {
  return {
    name: 'witness.example/w1',
    publicUrl: 'http://localhost',
    listen: { host: '127.0.0.1', port },
    keyFile: 'witness.pem',
    directory: 'cosigned',
    logs: [{ keyFile: 'sam-key.txt', origins }],
  }
}
