/** The instants at which something of the authorities ends, asked when somebody reads the metrics. */
import type { AuthoritiesMetrics } from './metrics.ts'
import type { Authorities } from './open-authorities.ts'

export function gaugeAuthorities(parts: Authorities, metrics: AuthoritiesMetrics): void {
  metrics.onRead(() => {
    for (const [certificate, { notAfter }] of Object.entries(parts.certificates)) {
      metrics.set('natsuin_certificate_end_time_seconds', seconds(notAfter), { certificate })
    }
    const { unit, crl, rootCrl } = parts
    metrics.set('natsuin_time_stamp_key_end_time_seconds', seconds(keyEnd(unit)))
    metrics.set('natsuin_time_trusted', unit.clock.now() === undefined ? 0 : 1)
    for (const [name, { nextUpdate, number }] of Object.entries({ issuing: crl, root: rootCrl })) {
      metrics.set('natsuin_crl_next_update_time_seconds', seconds(nextUpdate), { crl: name })
      metrics.set('natsuin_crl_number', Number(number), { crl: name })
    }
  })
}

const keyEnd = ({ certificate }: Authorities['unit']): Date =>
  certificate.extensions.privateKeyUsagePeriod?.notAfter ?? certificate.notAfter

const seconds = (instant: Date): number => Math.floor(instant.getTime() / 1000)
