/** Lets every client do what it has to, one after the other, against one deployment. */
import { type ClientResult, type RealClient, resultOf, type Step, wordOf } from './client.ts'
import { onStage, type Stage } from './stage.ts'

/** @param home  below which the clients are set up */
export async function runClients(
  clients: readonly RealClient[],
  home: string,
): Promise<readonly ClientResult[]> {
  return onStage(home, async stage => {
    const results: ClientResult[] = []
    for (const client of clients) results.push(await runOne(client, stage))
    return results
  })
}

/** What it cannot go on from is said of the first step that it did not reach. */
async function runOne(client: RealClient, stage: Stage): Promise<ClientResult> {
  const told: Step[] = []
  try {
    for await (const step of client.run(stage)) told.push(step)
  } catch (error) {
    const next = client.does.find(what => !told.some(step => step.what === what))
    if (next === undefined) throw error
    told.push({ what: next, passed: false, word: wordOf(error) })
  }
  return resultOf(client, told)
}
