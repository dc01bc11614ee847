import { Counter, Gauge, Histogram, Registry } from 'prom-client'

/** Prometheus metrics of one node, in their own registry so that two nodes can live in one process. */
export function createMetrics() {
  const registry = new Registry()
  const registers = [registry]
  return {
    registry,
    requests: new Counter({
      name: 'spartan_requests_total',
      help: 'Requests by route and reason code ("ok" when answered).',
      labelNames: ['route', 'code'],
      registers,
    }),
    latency: new Histogram({
      name: 'spartan_request_seconds',
      help: 'Time from the first byte read to the answer, by route.',
      labelNames: ['route'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
      registers,
    }),
    inFlight: new Gauge({ name: 'spartan_requests_in_flight', help: 'Requests being worked on.', registers }),
    unsettledValue: new Gauge({
      name: 'spartan_unsettled_value',
      help: 'Fees journaled and not yet paid on-chain, token base units.',
      registers,
    }),
    settlements: new Counter({
      name: 'spartan_settled_items_total',
      help: 'Items sent to settleBatch by reason code ("ok" when paid).',
      labelNames: ['code'],
      registers,
    }),
    attestationSecondsLeft: new Gauge({
      name: 'spartan_attestation_seconds_left',
      help: 'Seconds until the registry record leaves Active.',
      registers,
    }),
    chainHeadAge: new Gauge({
      name: 'spartan_chain_head_age_seconds',
      help: 'Age of the newest block by the clock of this machine; negative when the chain is ahead.',
      registers,
    }),
    ready: new Gauge({ name: 'spartan_ready', help: '1 when the node serves, else 0.', registers }),
  }
}

export type Metrics = ReturnType<typeof createMetrics>
