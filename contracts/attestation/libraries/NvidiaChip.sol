// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title What a device is, by the name of its boot ROM's certificate, for example `GH100 A01 GSP BROM`
library NvidiaChip {
    /// The one switch there is.
    bytes32 internal constant LS10 = "LS10";
    uint256 private constant LONGEST = 6;

    /// @notice Name of the chip, ASCII, left-aligned; zero for products that are not judged: only Hopper (`GH100`), Blackwell
    ///         (`GB100`; `X` for any digit at the end, as in `GB20X`) and `LS10`.
    function ofHardwareModel(bytes calldata model) internal pure returns (bytes32 chip) {
        bool cut;
        uint256 length;
        for (uint256 i = 0; i < model.length && model[i] != " "; ++i) {
            // The switch writes `LS_10`.
            if (model[i] == "_" && !cut) {
                cut = true;
                continue;
            }
            if (length == LONGEST) return 0;
            chip |= bytes32(model[i]) >> (8 * length);
            ++length;
        }
        return chip == LS10 || _isGpu(chip, length) ? chip : bytes32(0);
    }

    /// @notice Whether a manifest's product is the chip of the certificates, or the one that the report names where it does.
    function isProduct(bytes32 product, bytes32 chip, bytes32 chipInfo) internal pure returns (bool) {
        // A report that names a chip of another family than its certificates is not believed.
        if (chipInfo != 0 && _matches(chipInfo, chip)) return product == chipInfo || product == chip;
        return product == chip || _matches(product, chip);
    }

    function _isGpu(bytes32 chip, uint256 length) private pure returns (bool) {
        if (length != 5 || chip[0] != "G" || (chip[1] != "H" && chip[1] != "B")) return false;
        return _isDigit(chip[2]) && _isDigit(chip[3]) && (_isDigit(chip[4]) || chip[4] == "X");
    }

    /// @dev `X` in a chip's name stands for a digit.
    function _matches(bytes32 name, bytes32 chip) private pure returns (bool) {
        if (chip[4] != "X") return name == chip;
        bytes32 mask = bytes32(bytes1(0xff)) >> 32;
        return name & ~mask == chip & ~mask && _isDigit(name[4]);
    }

    function _isDigit(bytes1 letter) private pure returns (bool) {
        return letter >= "0" && letter <= "9";
    }
}
