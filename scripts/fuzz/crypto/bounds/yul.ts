/** Yul as contracts/crypto writes it: assignments, memory, branches and loops. Read from the Solidity source itself. */
export type Expression =
  | { readonly kind: 'number'; readonly value: bigint }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }

export type Statement =
  | { readonly kind: 'assign'; readonly name: string; readonly value: Expression }
  | { readonly kind: 'store'; readonly place: Expression; readonly value: Expression }
  | { readonly kind: 'if' | 'while'; readonly condition: Expression; readonly body: readonly Statement[] }

const TOKEN = /0x[0-9a-fA-F]+|\d+|[A-Za-z_]\w*|:=|[(){},]/g

class Reader {
  readonly #tokens: readonly string[]
  #at = 0

  constructor(source: string) {
    this.#tokens = source.replace(/\/\/.*$/gm, '').match(TOKEN) ?? []
  }

  get done(): boolean {
    return this.#at >= this.#tokens.length
  }

  next(): string {
    const token = this.#tokens[this.#at++]
    if (token === undefined) throw new Error('unexpected end of assembly')
    return token
  }

  is(token: string): boolean {
    return this.#tokens[this.#at] === token
  }

  take(token: string): void {
    const found = this.next()
    if (found !== token) throw new Error(`${token} expected, ${found} found`)
  }

  expression(): Expression {
    const token = this.next()
    if (/^\d/.test(token)) return { kind: 'number', value: BigInt(token) }
    if (!this.is('(')) return { kind: 'name', name: token }
    this.take('(')
    const args: Expression[] = []
    while (!this.is(')')) {
      args.push(this.expression())
      if (this.is(',')) this.take(',')
    }
    this.take(')')
    return { kind: 'call', name: token, args }
  }

  /** Statements in braces. Names are unique enough in what is read here to forget their scope. */
  block(): Statement[] {
    this.take('{')
    const statements: Statement[] = []
    while (!this.is('}')) statements.push(...this.statements())
    this.take('}')
    return statements
  }

  statements(): Statement[] {
    if (this.is('{')) return this.block()
    if (this.is('if')) {
      this.take('if')
      return [{ kind: 'if', condition: this.expression(), body: this.block() }]
    }
    if (this.is('for')) {
      this.take('for')
      const first = this.block()
      const condition = this.expression()
      const post = this.block()
      return [...first, { kind: 'while', condition, body: [...this.block(), ...post] }]
    }
    if (this.is('let')) this.take('let')
    const target = this.expression()
    if (target.kind === 'name') {
      this.take(':=')
      return [{ kind: 'assign', name: target.name, value: this.expression() }]
    }
    const [place, value] = target.kind === 'call' && target.name === 'mstore' ? target.args : []
    if (place === undefined || value === undefined) throw new Error('neither an assignment nor mstore')
    return [{ kind: 'store', place, value }]
  }
}

function closingBrace(source: string, from: number): number {
  let depth = 0
  for (let at = from; at < source.length; at++) {
    if (source[at] === '{') depth++
    else if (source[at] === '}' && --depth === 0) return at
  }
  throw new Error('no closing brace')
}

/** The assembly blocks of a Solidity function, in order. */
export function assemblyOf(source: string, functionName: string): readonly (readonly Statement[])[] {
  const start = source.search(new RegExp(`function ${functionName}\\(`))
  if (start < 0) throw new Error(`no function ${functionName}`)
  const body = source.slice(start, closingBrace(source, source.indexOf('{', start)) + 1)
  return [...body.matchAll(/assembly \("memory-safe"\) /g)].map(({ index, 0: head }) => {
    const open = index + head.length
    const reader = new Reader(body.slice(open + 1, closingBrace(body, open)))
    const statements: Statement[] = []
    while (!reader.done) statements.push(...reader.statements())
    return statements
  })
}

/** The statements with other names. */
export function renamed(
  statements: readonly Statement[],
  names: Readonly<Record<string, string>>,
): readonly Statement[] {
  const rename = (name: string) => names[name] ?? name
  const inside = (expression: Expression): Expression => {
    if (expression.kind === 'name') return { kind: 'name', name: rename(expression.name) }
    return expression.kind === 'call' ? { ...expression, args: expression.args.map(inside) } : expression
  }
  return statements.map((statement) => {
    if (statement.kind === 'assign')
      return { ...statement, name: rename(statement.name), value: inside(statement.value) }
    if (statement.kind === 'store')
      return { ...statement, place: inside(statement.place), value: inside(statement.value) }
    return { ...statement, condition: inside(statement.condition), body: renamed(statement.body, names) }
  })
}
