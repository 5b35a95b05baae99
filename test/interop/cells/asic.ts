/** ASiC: both forms with both kinds of signatures at every level. EN 319 162-1 V1.1.1. */
import {
  type AsicContainer,
  type AsicForm,
  augmentAsic,
  type BaselineLevel,
  bytesSource,
  completeAsic,
  newAsic,
  openAsic,
  prepareAsic,
  writeAsic,
} from '@natsuin/ades/asic'
import { utf8 } from '@natsuin/pki/encoding'
import { nodePlatform as platform } from '@natsuin/pki/node'
import { type Entity, NOW } from '@natsuin/testing/pki'
import { chain, issuing, unit } from './authorities.ts'
import type { Cell } from './cell.ts'
import { atLevel, type CellOf, cellsOf, everyLevel, JUDGED, type Maker, refusals, renewal } from './row.ts'
import { type Augmenting, lasting, minutes, signerFor, statusOf, timeStampAt } from './stage.ts'

const DOCUMENTS = [
  { name: '契約書.txt', content: bytesSource(utf8('The parties agree.\n')) },
  { name: 'more/prices list.csv', content: bytesSource(utf8('a,1\n')) },
]

async function bytesOf(container: AsicContainer): Promise<Uint8Array> {
  const source = await writeAsic(container)
  return (await source.read(0, source.size)).slice()
}

async function sign(
  container: AsicContainer,
  signature: 'CAdES' | 'XAdES',
  by: Entity,
  { level, stampedBy }: { readonly level: 'B-B' | 'B-T'; readonly stampedBy?: Entity | undefined },
): Promise<Uint8Array> {
  const asic = await prepareAsic(container, {
    signature,
    platform,
    signingCertificate: by.certificate.bytes,
    chain,
    signatureAlgorithm: by.algorithm,
    signingTime: NOW,
  })
  const dtbs = asic.signature === 'XAdES' ? asic.prepared.signedInfo : asic.prepared.signedAttributes
  const timeStamp = level === 'B-T' ? { timeStamp: timeStampAt(minutes(1), stampedBy) } : {}
  return bytesOf(await completeAsic(container, asic, by.sign(dtbs), { platform, ...timeStamp }))
}

async function augment(bytes: Uint8Array, level: Exclude<BaselineLevel, 'B-B'>, how: Augmenting) {
  return bytesOf(await augmentAsic(await openAsic(bytesSource(bytes)), level, lasting(how)))
}

const documentsOf = (form: AsicForm) => (form === 'ASiC-S' ? DOCUMENTS.slice(0, 1) : DOCUMENTS)

function makerOf(form: AsicForm, signature: 'CAdES' | 'XAdES'): Maker {
  return {
    what: form,
    sign: (level, by, stampedBy) =>
      sign(newAsic(form, documentsOf(form)), signature, by, { level, stampedBy }),
    augment,
  }
}

function cellsWith(signature: 'CAdES' | 'XAdES'): readonly Cell[] {
  return (['ASiC-S', 'ASiC-E'] as const).flatMap(form => {
    const maker = makerOf(form, signature)
    const cellOf = cellsOf(`ASiC with ${signature}`, form === 'ASiC-S' ? '.asics' : '.asice')
    const cell: CellOf = row => cellOf({ container: form, ...row })
    const altered = async () => {
      const bytes = await atLevel(maker, 'B-LTA', await signerFor('ecdsa-sha256'))
      const container = await openAsic(bytesSource(bytes))
      const documents = container.documents.map(({ name }) => ({ name, content: bytesSource(utf8('other')) }))
      return bytesOf({ ...container, documents })
    }
    const bySeveral = cell({
      what: `${form}, two signers`,
      level: 'B-LTA',
      signatures: 2,
      document: async () => {
        const first = await maker.sign('B-T', await signerFor('ecdsa-sha256'))
        const container = await openAsic(bytesSource(first))
        const by = await signerFor('ecdsa-sha384')
        return augment(await sign(container, signature, by, { level: 'B-T' }), 'B-LTA', {})
      },
      status: () => statusOf([issuing, unit], JUDGED),
    })
    return [
      ...everyLevel(cell, maker),
      ...everyLevel(cell, maker, 'rsa-pss-sha256'),
      renewal(cell, maker),
      bySeveral,
      ...refusals(cell, maker, { document: altered }),
    ]
  })
}

export const asicCells: readonly Cell[] = [...cellsWith('CAdES'), ...cellsWith('XAdES')]
