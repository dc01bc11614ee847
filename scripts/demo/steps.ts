/** Prints one line per step with its time; on a terminal the running step shows a counter. */
export class Steps {
  readonly #total: number
  readonly #out: NodeJS.WriteStream
  #index = 0

  constructor(total: number, out: NodeJS.WriteStream = process.stderr) {
    this.#total = total
    this.#out = out
  }

  /** Runs `work`; `note` inside it changes the text shown beside the running step. */
  async run<T>(title: string, work: (note: (text: string) => void) => Promise<T>): Promise<T> {
    this.#index += 1
    const label = `[${String(this.#index).padStart(2)}/${this.#total}] ${title}`
    const startedAt = performance.now()
    let detail = ''
    const elapsed = () => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`
    const draw = () => this.#out.write(`\r\u001b[2K${label} … ${elapsed()} ${detail}`)
    const timer = this.#out.isTTY ? setInterval(draw, 200) : undefined
    if (!this.#out.isTTY) this.#out.write(`${label} …\n`)
    try {
      const result = await work((text) => {
        detail = text
      })
      this.#finish(timer, `${label}: done in ${elapsed()} ${detail}`)
      return result
    } catch (error) {
      this.#finish(timer, `${label}: failed after ${elapsed()}`)
      throw error
    }
  }

  #finish(timer: NodeJS.Timeout | undefined, line: string) {
    clearInterval(timer)
    this.#out.write(`${this.#out.isTTY ? '\r\u001b[2K' : ''}${line.trimEnd()}\n`)
  }
}
