import type { Reason } from '../reason.ts'

/** Candles, market files, evaluation, the trend model's build and the local market feed. */
export const ANALYTICS_REASONS = {
  ANALYTICS_FILE_MALFORMED: {
    what: 'The market file does not have the expected columns or a row cannot be read.',
    action: 'Use a CSV with date or time, open, high, low, close, volume.',
    retry: 'never',
  },
  ANALYTICS_CANDLE_INVALID: {
    what: 'A candle is impossible: a price is not above zero, or high and low do not bound open and close.',
    action: 'Fix or drop the row named in the message.',
    retry: 'never',
  },
  ANALYTICS_SERIES_UNORDERED: {
    what: 'The candles are not in ascending order of time, or a time stands twice.',
    action: 'Sort the rows oldest first and drop duplicates.',
    retry: 'never',
  },
  ANALYTICS_SERIES_TOO_SHORT: {
    what: 'The series has fewer values than the calculation needs.',
    action: 'Use a longer history.',
    retry: 'never',
  },
  ANALYTICS_ARGUMENT_INVALID: {
    what: 'A parameter of the calculation is out of range.',
    action: 'Use a value in the range named in the message.',
    retry: 'never',
  },
  ANALYTICS_LOOK_AHEAD: {
    what: 'The signal changes when later data is removed: it looks into the future.',
    action: 'Use only data up to the decision.',
    retry: 'never',
  },
  ANALYTICS_DATA_MISSING: {
    what: 'The market data folder lacks the files that are needed.',
    action: 'Pass the folder with daily/ and hourly/ files.',
    retry: 'never',
  },
  ANALYTICS_MODEL_MALFORMED: {
    what: 'The file is not a trend model of this repository.',
    action: 'Rebuild it with scripts/model/train.ts.',
    retry: 'never',
  },
  ANALYTICS_MODEL_DIFFERS: {
    what: 'The retrained model or its evaluation differs from the committed one.',
    action: 'Retrain, review the change and commit models/trend.',
    retry: 'never',
  },
  FEED_SYMBOL_UNKNOWN: {
    what: 'The market feed does not carry this symbol.',
    action: 'Use a symbol of GET /markets.',
    retry: 'never',
    http: 404,
  },
  FEED_LIMIT_INVALID: {
    what: 'The limit is not a whole number in range.',
    action: 'Use a limit from 1 to 5000.',
    retry: 'never',
    http: 400,
  },
  FEED_LIVE_UNAVAILABLE: {
    what: 'Live prices are not available.',
    action: 'Install the exchange client with: npm install --no-save ccxt, and check the network.',
    retry: 'later',
  },
  FEED_PORT_TAKEN: {
    what: 'The port of the market feed is taken.',
    action: 'Stop the other program or choose another port.',
    retry: 'later',
  },
} as const satisfies Record<string, Reason>
