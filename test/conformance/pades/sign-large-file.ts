/**
 * Signs and verifies a file as a process of its own, so that `large-file.test.ts` can read this process's peak
 * memory. Argument: the path. Prints one JSON object; memory in bytes.
 */
import { appendFileSync } from 'node:fs'
import { openFileSource } from '@natsuin/ades/node'
import { verifyPades } from '@natsuin/ades/validation'
import { nodePlatform } from '@natsuin/pki/node'
import { NOW, root } from '@natsuin/testing/pki'
import { complete, prepare } from './signing.ts'

const peakBytes = () => process.resourceUsage().maxRSS * 1024
const [, , path = ''] = process.argv
const before = peakBytes()

const original = await openFileSource(path)
appendFileSync(path, await complete(await prepare(original)))
await original.close()
const afterSigning = peakBytes()

const signed = await openFileSource(path)
const options = { platform: nodePlatform, trustAnchors: [root.certificate.bytes], at: NOW }
const { indication } = await verifyPades(signed, options)
await signed.close()

console.log(JSON.stringify({ before, afterSigning, afterVerifying: peakBytes(), indication }))
