/** What `natsuin init` says when it has written: the operator's next steps, each as he would type it. */
import type { Places } from './configurations.ts'
import type { Answers } from './questions.ts'

export function nextSteps(answers: Answers, { directory }: Places): string {
  const steps = [
    ...(secretsOf(answers).length > 0 ? [`Fill in the secrets: ${secretsOf(answers).join(', ')}`] : []),
    ...(answers['tls'] === 'files'
      ? ['Put the certificates into server/tls.pem and sic/tls.pem, their keys beside them']
      : []),
    ...(answers['hosts'] === 'several'
      ? ['Copy each directory to the machine of its process; take internal-ca/ca-key.pem offline']
      : []),
    `natsuin check --directory ${directory}`,
    'Found the deployment: docs/operate.md, "Genesis"',
    `natsuin start --directory ${directory}`,
  ]
  const lines = steps.map((step, i) => `  ${i + 1}. ${step}`)
  return [`Configuration written to ${directory}. Next:`, '', ...lines, ''].join('\n')
}

function secretsOf({ database, module }: Answers): string[] {
  return [
    ...(module === 'pkcs11' ? ['sam/pin', 'authorities/pin'] : []),
    ...(database === 'postgres' ? ['sam/store.url', 'server/store.url'] : []),
  ]
}
