/** TEE type in the quote header. */
const TEE_TYPE_TDX = 0x81

/** Sizes of the TD report bodies by body type: TDX 1.0 and TDX 1.5. */
export const TD_REPORT_SIZES = { 2: 584, 3: 648 } as const

/**
 * Quotes with a TD: version 4 has the TD 1.0 body, version 5 names the body. Source: Intel TDX DCAP Quoting Library API,
 * appendix A.3.
 */
export const TDX_QUOTE = {
  teeType: TEE_TYPE_TDX,
  bodies: { 4: { 2: TD_REPORT_SIZES[2] }, 5: TD_REPORT_SIZES },
} as const

/** Fields of a TD report: offset, length. The last two only in TD 1.5. */
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
  teeTcbSvn2: [584, 16],
  mrServiceTd: [600, 48],
} as const

/** TD attributes, little-endian u64. Source: Intel TDX Module Base Specification, ATTRIBUTES. */
export const TD_ATTRIBUTES = {
  debug: 1n << 0n,
  septVeDisable: 1n << 28n,
  /** Every bit without a meaning: all but DEBUG, SEPT_VE_DISABLE (28), PKS (30), KL (31), PERFMON (63). */
  reserved: ~((1n << 0n) | (1n << 28n) | (1n << 30n) | (1n << 31n) | (1n << 63n)) & 0xffff_ffff_ffff_ffffn,
} as const

/** XFAM: x87 and SSE state, which no TD can be without. Source: Intel TDX Module Base Specification, XFAM. */
export const XFAM_FIXED_ONE = 0x3
