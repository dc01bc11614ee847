/** Version of the quotes read here. */
export const TDX_QUOTE_VERSION = 4
/** TEE type in the quote header. */
export const TEE_TYPE_TDX = 0x81

/** TD report body of TDX 1.0: 584 bytes. Source: Intel TDX DCAP Quoting Library API, appendix A.3.2. Offset, length. */
export const TD_REPORT_SIZE = 584
export const TD_REPORT = {
  teeTcbSvn: [0, 16],
  mrSeam: [16, 48],
  mrSignerSeam: [64, 48],
  seamAttributes: [112, 8],
  tdAttributes: [120, 8],
  xfam: [128, 8],
  mrTd: [136, 48],
  mrConfigId: [184, 48],
  mrOwner: [232, 48],
  mrOwnerConfig: [280, 48],
  rtmr0: [328, 48],
  rtmr1: [376, 48],
  rtmr2: [424, 48],
  rtmr3: [472, 48],
  reportData: [520, 64],
} as const

/** TD attributes, little-endian u64. Source: Intel TDX Module Base Specification, ATTRIBUTES. */
export const TD_ATTRIBUTES = {
  debug: 1n << 0n,
  septVeDisable: 1n << 28n,
  /** Every bit without a meaning: all but DEBUG, SEPT_VE_DISABLE (28), PKS (30), KL (31), PERFMON (63). */
  reserved: ~((1n << 0n) | (1n << 28n) | (1n << 30n) | (1n << 31n) | (1n << 63n)) & 0xffff_ffff_ffff_ffffn,
} as const
