import { Command, CommanderError, Option } from 'commander'
import { action, type Common, type Host } from './commands/action.ts'
import type { PublishOptions } from './commands/assetPublish.ts'
import type { BrokerCommandOptions } from './commands/broker.ts'
import { addEvidenceCommands } from './commands/evidence/commands.ts'
import type { InitOptions } from './commands/init.ts'
import { EXIT_CODES, toJson } from './commands/output.ts'
import type { VerifyReceiptOptions } from './commands/receiptsVerify.ts'
import { configDigest, configPath, ENVIRONMENT_NAMES, loadConfig, redactConfig } from './config.ts'
import { refuseUnknownCommand } from './unknownCommand.ts'

/** Loaded when they run: the node alone brings a database, an HTTP server and an inference runtime along. */
const commands = {
  init: () => import('./commands/init.ts'),
  doctor: () => import('./commands/doctor.ts'),
  register: () => import('./commands/register.ts'),
  renew: () => import('./commands/renew.ts'),
  gpuBind: () => import('./commands/gpuBind.ts'),
  serve: () => import('./commands/serve.ts'),
  status: () => import('./commands/status.ts'),
  broker: () => import('./commands/broker.ts'),
  assetPublish: () => import('./commands/assetPublish.ts'),
  receiptsVerify: () => import('./commands/receiptsVerify.ts'),
} as const

const EXIT_HELP = `
Exit codes: 0 ok, 2 usage, 3 attestation, 4 chain or node not reached, 5 configuration, 1 anything else.`

const CONFIG_HELP = `
The configuration is a JSON file (--config, else SPARTAN_CONFIG, else .spartan/node/config.json). These variables win
over it: ${ENVIRONMENT_NAMES.slice(1).join(', ')}.
Unknown keys and unknown SPARTAN_ variables refuse to start.`

const json = () => new Option('--json', 'print one line of JSON instead of text')
const configFile = () => new Option('--config <file>', 'configuration file of the node')
const dryRun = () => new Option('--dry-run', 'check everything, write and send nothing')

function withChain(command: Command): Command {
  return command
    .requiredOption('--rpc-url <url>', 'JSON-RPC endpoint of the chain')
    .requiredOption('--chain-id <id>', 'chain id that the endpoint must serve')
    .requiredOption('--deployment <file>', 'deployments/<chainId>.json or .spartan/world.json')
}

function withOwner(command: Command): Command {
  return withChain(command).requiredOption(
    '--key-file <file>',
    'account of the asset owner, or its approved broker (0600)',
  )
}

function addNodeCommands(program: Command, host: Host): void {
  const load = (options: Common) => loadConfig(configPath(options.config, host.env), host.env)
  const node = program.command('node').description('Run a provider node.')
  withChain(node.command('init'))
    .description('Write a configuration and an operator key (0600). Overwrites nothing.')
    .option('--data-dir <dir>', 'where configuration, key and journal live', '.spartan/node')
    .requiredOption('--owner <address>', 'cold account that owns the provider and is paid')
    .addOption(
      new Option('--tee <kind>', 'interface to the TEE').choices(['configfs-tsm', 'simulator']).default('configfs-tsm'),
    )
    .option('--simulator-url <url>', 'with --tee simulator')
    .option('--platform <name>', 'with --tee simulator: which simulated machine this is')
    .option('--gpu <url>', 'service that has the GPU of this machine answer a nonce')
    .option('--endorsements-source <source>', 'with --tee configfs-tsm: pcs (default), azure, or the URL of a PCCS')
    .option('--endorsements-file <file>', 'with --tee configfs-tsm: endorsements of this platform, JSON, instead')
    .requiredOption('--asset-id <id>', 'asset to serve')
    .option('--asset-version <version>', 'version of the asset', '1')
    .option('--host <address>', 'address to listen on (default 127.0.0.1)')
    .option('--port <port>', 'port to listen on (default 8443)')
    .option('--public-url <url>', 'URL written into the registry (default http://host:port)')
    .option('--operator-key-file <file>', 'use this key instead of making one')
    .addOption(dryRun())
    .addOption(json())
    .action(
      action<InitOptions & Common>(host, async (output, options) => (await commands.init()).initNode(options, output)),
    )
  node
    .command('doctor')
    .description('Check every precondition and say what to do next.')
    .addOption(configFile())
    .addOption(json())
    .addHelpText('after', CONFIG_HELP)
    .action(action(host, async (output, options) => (await commands.doctor()).doctor(load(options), output)))
  node
    .command('register')
    .description('Have the running node register anew, or check and prepare everything for `serve`.')
    .addOption(configFile())
    .addOption(dryRun())
    .addOption(json())
    .addHelpText(
      'after',
      `
When a node of this data directory runs: asks it (SIGHUP) for new keys and a new registration, and waits until the registry
shows the new epoch as Active. When none runs: uploads missing endorsements and proves by a simulated call that the registry
would accept this machine; \`serve\` completes the registration, because its keys are born there.
Both check first that clients with the default policy would accept this machine. --dry-run sends nothing.`,
    )
    .action(
      action<Common & { readonly dryRun?: boolean }>(host, async (output, options) =>
        (await commands.register()).registerNode(load(options), { dryRun: options.dryRun === true }, output),
      ),
    )
  node
    .command('renew')
    .description('Have the running node renew its registered result now, under the same keys.')
    .addOption(configFile())
    .addOption(dryRun())
    .addOption(json())
    .addHelpText(
      'after',
      `
The node renews by itself before its result runs out; this does it at once, e.g. after new firmware. It brings newer
endorsements, makes fresh evidence and pays the gas from the operator account. Keys, epoch and open channels stay, and the node
goes on serving meanwhile. A renewal that was sent but whose answer was lost is looked for and not sent again.
Refused when it would change nothing. --dry-run says what it would change.`,
    )
    .action(
      action<Common & { readonly dryRun?: boolean }>(host, async (output, options) =>
        (await commands.renew()).renewNode(load(options), { dryRun: options.dryRun === true }, output),
      ),
    )
  node
    .command('gpu')
    .description('GPUs of this machine.')
    .command('bind')
    .description('Have the running node bind every GPU of its configuration to its registered keys now.')
    .addOption(configFile())
    .addOption(json())
    .addHelpText(
      'after',
      `
The node does this by itself after each registration and before a GPU's result ends. For each of \`gpus\` it asks the service for
evidence over a nonce that names the keyset, verifies it, brings the endorsements that the chain lacks and pays the gas.`,
    )
    .action(action(host, async (output, options) => (await commands.gpuBind()).bindGpus(load(options), output)))
  node
    .command('serve')
    .description(
      'Make keys, register, load the model and serve until SIGTERM; renews by itself; SIGHUP makes new keys.',
    )
    .addOption(configFile())
    .addOption(json())
    .addHelpText('after', CONFIG_HELP)
    .action(action(host, async (_, options) => (await commands.serve()).serveNode(load(options))))
  node
    .command('status')
    .description('What the registry and the running node say.')
    .addOption(configFile())
    .addOption(json())
    .action(action(host, async (output, options) => (await commands.status()).nodeStatus(load(options), output)))
}

function addConfigCommand(program: Command, host: Host): void {
  program
    .command('config')
    .description('Look at the effective configuration.')
    .command('print')
    .description('Print the effective configuration and the digest that the keyset binds.')
    .addOption(configFile())
    .addOption(json())
    .option('--show-secrets', 'also print credentials and keys inside URLs')
    .action(
      action<Common & { readonly showSecrets?: boolean }>(host, (output, options) => {
        const config = loadConfig(configPath(options.config, host.env), host.env)
        const shown = options.showSecrets === true ? config : redactConfig(config)
        const digest = configDigest(config)
        output.result(
          { config: shown, configDigest: digest },
          `${JSON.stringify(shown, null, 2)}\nconfigDigest ${digest}`,
        )
      }),
    )
}

function addBrokerCommands(program: Command, host: Host): void {
  const broker = program.command('broker').description('Release the content key of an asset to attested providers.')
  const withBroker = (command: Command) =>
    withOwner(command)
      .requiredOption('--owner-file <file>', 'written by `asset publish`')
      .option('--simulation-root <hex>', 'local worlds only: public key of the simulation root (0x04…); default Intel')
      .addOption(json())
  withBroker(broker.command('once'))
    .description('Look at every provider once.')
    .addOption(dryRun())
    .action(
      action<BrokerCommandOptions & Common>(host, async (output, options) =>
        (await commands.broker()).brokerOnce(options, output),
      ),
    )
  withBroker(broker.command('run'))
    .description('Keep looking until SIGTERM.')
    .option('--poll-seconds <seconds>', 'pause between rounds', '5')
    .action(
      action<BrokerCommandOptions & Common>(host, async (_, options) => (await commands.broker()).brokerRun(options)),
    )
}

function addAssetCommands(program: Command, host: Host): void {
  const asset = program.command('asset').description('Publish a sealed asset.')
  withOwner(asset.command('publish'))
    .description('Seal a model, write the sealed folder and the owner file, list it in the AssetRegistry.')
    .requiredOption('--model <file>', 'ONNX file')
    .requiredOption('--description <file>', 'JSON { engine, inputs, outputs, units } of the model')
    .requiredOption('--name <name>', 'name in the registry and in /v2/models/{name}')
    .requiredOption('--licence <spdx>', 'licence of the model')
    .requiredOption('--out <dir>', 'sealed folder to write')
    .option(
      '--base-uri <uri>',
      'where that folder will be reachable (default: its file:// URI, for nodes with asset.allowFiles)',
    )
    .requiredOption('--owner-file <file>', 'secret file to write: asset id and content key (0600)')
    .requiredOption('--token <address>', 'ERC-20 of the price')
    .requiredOption('--price-in <units>', 'token base units per input element')
    .requiredOption('--price-out <units>', 'token base units per output element')
    .requiredOption('--owner-share-bps <bps>', 'share of the owner, basis points')
    .requiredOption('--workload <id...>', 'workloads that may get the key')
    .addOption(dryRun())
    .addOption(json())
    .action(
      action<PublishOptions & Common>(host, async (output, options) =>
        (await commands.assetPublish()).publishAsset(options, output),
      ),
    )
  withChain(program.command('receipts').description('Check receipts.').command('verify').argument('<file>'))
    .description('Verify the text of a spartan-receipt header against the registry.')
    .addOption(json())
    .action(
      action<VerifyReceiptOptions & Common>(host, async (output, options, file) =>
        (await commands.receiptsVerify()).verifyReceiptFile(file ?? '', options, output),
      ),
    )
}

/** The `spartan` command line. */
export function createProgram(host: Host): Command {
  const program = new Command('spartan')
    .description(
      'Spartan: run a provider node, publish sealed assets, release keys to attested providers, check evidence.',
    )
    .addHelpText('after', EXIT_HELP)
    .showHelpAfterError('Run with --help for the options.')
  addNodeCommands(program, host)
  addConfigCommand(program, host)
  addBrokerCommands(program, host)
  addAssetCommands(program, host)
  addEvidenceCommands(program, host)
  const each = (command: Command) => {
    command.exitOverride().configureOutput({ writeOut: host.stdout, writeErr: host.stderr })
    for (const inner of command.commands) each(inner)
  }
  each(program)
  return program
}

/**
 * Runs one command line. Never throws.
 *
 * @returns The exit code.
 */
export async function runProgram(argv: readonly string[], host: Host): Promise<number> {
  try {
    const program = createProgram(host)
    refuseUnknownCommand(program, argv)
    await program.parseAsync([...argv], { from: 'user' })
    return EXIT_CODES.ok
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      host.stderr(`${toJson({ error: String(error) })}\n`)
      return EXIT_CODES.unexpected
    }
    if (error.code === 'spartan.failed') return error.exitCode
    return error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage
  }
}
