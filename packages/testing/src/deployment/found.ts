/**
 * Founds a deployment: people's passkeys, the authorities' root, the SAM's genesis, the server's secrets.
 *
 * The order is the order of trust: the root must exist for the roster to name it, the SAM key must exist for
 * the authorities to pin it. Everything a later start needs is in the directory.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { toWire } from '@natsuin/protocol/approval'
import { type ProcessName, runCommand } from '@natsuin/protocol/node/processes'
import { configurationOf, samKeyFile, writeConfigurations } from './configuration.ts'
import { registerPerson } from './people.ts'
import {
  APPROVAL_HOST,
  furtherSams,
  type Member,
  type Plan,
  programOf,
  type SamName,
  savePlan,
  urlsOf,
} from './plan.ts'

/** @throws ProcessEnded when a process refuses */
export async function foundDeployment(directory: string, plan: Plan): Promise<void> {
  for (const name of ['sam', ...furtherSams(plan), 'authorities', 'server'])
    mkdirSync(join(directory, name), { recursive: true, mode: 0o700 })
  writeConfigurations(directory, plan)
  const { root } = await command(directory, plan, 'authorities', ['found'])
  const samKey = await genesis(directory, plan, String(root))
  writeFileSync(samKeyFile(directory), samKey, { mode: 0o600 })
  for (const name of furtherSams(plan)) await admit(directory, plan, name)
  await command(directory, plan, 'server', ['init'])
  savePlan(directory, plan)
}

async function genesis(directory: string, plan: Plan, root: string): Promise<string> {
  const founding = join(directory, 'founding.json')
  writeFileSync(founding, JSON.stringify(foundingOf(directory, plan, root), null, 2), { mode: 0o600 })
  const { samKey } = await command(directory, plan, 'sam', ['genesis', '--founding', founding])
  return String(samKey)
}

async function admit(directory: string, plan: Plan, name: SamName): Promise<void> {
  const checkpoint = join(directory, 'sam', 'checkpoints', 'state.txt')
  await command(directory, plan, name, ['join', '--checkpoint', checkpoint])
}

function foundingOf(directory: string, plan: Plan, root: string): object {
  return {
    v: 1,
    deployment: plan.name,
    environment: plan.environment,
    maxLevel: plan.maxLevel,
    rpId: APPROVAL_HOST,
    approvalOrigin: urlsOf(plan).approval,
    issuer: urlsOf(plan).server,
    softwareModule: true,
    quorum: plan.quorum,
    people: plan.people.map(person => ({
      ...person,
      registrations: [toWire(registerPerson(directory, plan, person.id))],
    })),
    classes: plan.classes,
    clients: plan.clients.map(
      ({ redirectUris: _uris, secret: _own, registration: _rest, ...known }) => known,
    ),
    ...(plan.providers && { providers: plan.providers }),
    trustAnchors: [root],
    limits: { requestHours: 24, grantHours: 24 },
  }
}

function command(directory: string, plan: Plan, member: Member, args: readonly string[]) {
  return runCommand({
    name: programOf(member),
    args: [...args, '--config', configurationOf(directory, member)],
    workingDirectory: directory,
    environment: environmentOf(plan, programOf(member)),
  })
}

/** What a process needs beside this one's environment: where its token is. */
export function environmentOf({ module }: Plan, name: ProcessName): Readonly<Record<string, string>> {
  if (module === 'software' || (name !== 'sam' && name !== 'authorities')) return {}
  return module[name].environment
}
