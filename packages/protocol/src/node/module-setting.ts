/**
 * The setting that names a crypto module: a directory of the software module (level 1), or a PKCS#11 library with
 * a token and how to come by its PIN. The form alone; `@natsuin/crypto-module` opens what it names.
 */
import { integer, list, optional, record, type Shape, type Shaped, ShapeError, text } from '../shape/shape.ts'
import { oneMember, path, type ResolvePath } from './configuration.ts'

/** Without the blanks that tokens pad them with. */
const names = { tokenLabel: optional(text({ max: 32 })), tokenSerial: optional(text({ max: 16 })) }
const reserve = record({ ...names, pinFile: optional(path) })

const token = record({
  modulePath: path,
  moduleSha256: optional(text({ min: 64, max: 64, pattern: /^[0-9a-f]+$/ })),
  ...names,
  pinFile: optional(path),
  /** In place of a file: the file of `natsuin hsm split-pin`, and a socket where people bring their shares. */
  pinShares: optional(record({ file: path, socket: path })),
  /** Further tokens that hold the same named keys; without a file of their own they have the same PIN. */
  reserves: optional(list(demanding(reserve, [isNamed]), { min: 1, max: 8 })),
  sessions: optional(integer({ min: 1, max: 64 })),
  wrapMechanism: optional(integer({ min: 1, max: 2 ** 32 - 1 })),
  deadlineSeconds: optional(integer({ min: 1, max: 300 })),
  maxWaiting: optional(integer({ min: 1, max: 100_000 })),
  /** A shared backup, whose witnesses recognise keys that were restored from it. */
  backupFile: optional(path),
})

export const moduleSetting = oneMember({
  software: record({ software: record({ directory: path }) }),
  pkcs11: record({ pkcs11: demanding(token, [isNamed, hasOnePin]) }),
})

export type ModuleSetting = Shaped<typeof moduleSetting>
export type TokenSetting = Shaped<typeof token>

/** What is wrong, if anything is. */
type Demand<Value> = (value: Value) => string | undefined

function demanding<Value>(shape: Shape<Value>, demands: readonly Demand<Value>[]): Shape<Value> {
  return (value, at = '') => {
    const shaped = shape(value, at)
    const [problem] = demands.flatMap(demand => demand(shaped) ?? [])
    if (problem !== undefined) throw new ShapeError(at, problem)
    return shaped
  }
}

function isNamed(one: Shaped<typeof reserve>): string | undefined {
  const isKnown = one.tokenLabel !== undefined || one.tokenSerial !== undefined
  return isKnown ? undefined : 'a token is named by tokenLabel, tokenSerial or both'
}

function hasOnePin({ pinFile, pinShares }: TokenSetting): string | undefined {
  return (pinFile === undefined) === (pinShares === undefined) ? 'either pinFile or pinShares' : undefined
}

export function resolveModule(module: ModuleSetting, at: ResolvePath): ModuleSetting {
  if ('software' in module) return { software: { directory: at(module.software.directory) } }
  const { pkcs11 } = module
  const { modulePath, pinShares, reserves, backupFile } = pkcs11
  return {
    pkcs11: {
      ...pkcs11,
      modulePath: at(modulePath),
      ...resolvePinFile(pkcs11, at),
      ...(pinShares && { pinShares: { file: at(pinShares.file), socket: at(pinShares.socket) } }),
      ...(reserves && { reserves: reserves.map(one => ({ ...one, ...resolvePinFile(one, at) })) }),
      ...(backupFile !== undefined && { backupFile: at(backupFile) }),
    },
  }
}

const resolvePinFile = ({ pinFile }: { readonly pinFile?: string }, at: ResolvePath) =>
  pinFile === undefined ? {} : { pinFile: at(pinFile) }
