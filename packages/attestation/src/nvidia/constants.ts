/**
 * SPDM 1.1 GET_MEASUREMENTS and MEASUREMENTS as the devices write them. Source: DMTF DSP0274 1.1.1, tables 34 and 36;
 * NVIDIA attestation SDK, spdm_req and spdm_resp.
 */
export const SPDM = {
  version: 0x11,
  getMeasurements: 0xe0,
  measurements: 0x60,
  /** Param1 of the request: a signature is asked for. */
  signatureRequested: 0x01,
  /** Param2 of the request: all measurements. */
  allMeasurements: 0xff,
  /** Version, code, two parameters, nonce, slot. */
  requestSize: 37,
  /** Version, code, two parameters, number of blocks, u24 length of the blocks. */
  responseHeadSize: 8,
  nonceSize: 32,
  /** r‖s of P-384, big-endian. */
  signatureSize: 96,
  /** Measurement specification of a block: DMTF. */
  dmtfSpecification: 1,
  /** Index, specification, u16 size. */
  blockHeadSize: 4,
  /** Value type, u16 size. */
  valueHeadSize: 3,
  /** Bit 7 of the value type: raw bytes rather than a digest. */
  rawValue: 0x80,
} as const

/** SHA-384. Every measurement, FWID and RIM value is one. */
export const DIGEST_SIZE = 48
/** 64 blocks (GPU) or 31 (switch), opaque fields and padding together stay far below. */
export const MAX_REPORT_BYTES = 65_536
/** Five certificates of about 1 kB each in PEM. */
export const MAX_CHAIN_BYTES = 32_768
/** Of a device, below the root: attestation key, boot ROM, provisioner, product line. The chains of all products judged here. */
export const DEVICE_CERTIFICATES = 4
/** Published chains have five; more only cost time. */
export const MAX_CHAIN_CERTIFICATES = 8

/** Opaque fields by type. Source: NVIDIA attestation SDK, gpu_opaque_data_parser and switch_opaque_data_parser. */
export const OPAQUE = {
  certificateIssuerName: 1,
  authorityKeyIdentifier: 2,
  driverVersion: 3,
  gpuInfo: 4,
  sku: 5,
  vbiosVersion: 6,
  manufacturerId: 7,
  tamperDetection: 8,
  smc: 9,
  vpr: 10,
  nvdec0Status: 11,
  measurementCounts: 12,
  cprInfo: 13,
  boardId: 14,
  chipSku: 15,
  chipSkuMod: 16,
  project: 17,
  projectSku: 18,
  projectSkuMod: 19,
  fwid: 20,
  protectedPcieStatus: 21,
  switchPdi: 22,
  floorsweptPorts: 23,
  positionId: 24,
  lockSwitchStatus: 25,
  gpuPdi: 26,
  gpuLinkConnections: 32,
  systemEnableStatus: 33,
  opaqueDataVersion: 34,
  chipInfo: 35,
  featureFlag: 36,
  invalid: 255,
} as const

/** Highest version of the opaque fields (field 34) with a documented meaning. */
export const MAX_OPAQUE_VERSION = 1

/** One-byte flags of the opaque fields. */
export const FLAG = { enabled: 0xaa, disabled: 0x55 } as const

/** Values of the feature flag (opaque field 36): confidential-computing modes. */
export const FEATURE_MODES = ['single-gpu-passthrough', 'multi-gpu-passthrough', 'protected-pcie'] as const

/** RIM index whose measurement counts only while NVDEC0 is enabled. */
export const NVDEC0_INDEX = 35

/** First driver branch whose reports carry the firmware identity (FWID). */
export const FWID_SINCE_DRIVER = 550

/** OIDs as content bytes in hex. */
export const OID = {
  /** 2.23.133.5.4.1, DICE CompositeDeviceID: Hopper GPUs and LS10 switches. */
  compositeDeviceId: '67810505' + '0401',
  /** 2.23.133.5.4.1.1, DICE TcbInfo: Blackwell GPUs. */
  tcbInfo: '67810505' + '040101',
  sha384: '608648016503040202',
} as const

/** Project, project SKU and chip SKU of the one switch there is, as in the name of its RIM. */
export const LS10_RIM_PREFIX = 'NV_SWITCH_BIOS_5612_0002_890_'
