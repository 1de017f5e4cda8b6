//! The currencies of ISO 4217 and how many decimals each has.
//!
//! Not here: the precious metals, bond-market units and test codes of the list
//! (`XAU`, `XBA`, `XDR`, `XTS`, `XXX`, ...). Their minor unit is "N.A.", so an
//! integer of minor units in them has no meaning.

use core::fmt;

/// An ISO 4217 currency, known by its alphabetic code.
///
/// Ordered by code. The exponent belongs to the currency and is never guessed
/// from the text of an amount (F-23).
///
/// No `Default`: a currency must be chosen.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency(Code);

/// Writes the list once and derives from it the constants, [`Currency::all`],
/// the codes and the exponents. The order of the list is the order of the type.
macro_rules! currencies {
    ($($code:ident $exponent:literal)*) => {
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(clippy::upper_case_acronyms, reason = "ISO 4217 spells its codes so")]
        enum Code { $($code),* }

        const ALL: &[Currency] = &[$(Currency(Code::$code)),*];

        #[allow(missing_docs, reason = "the code is its own name")]
        impl Currency {
            $(pub const $code: Currency = Currency(Code::$code);)*

            /// The three capital letters of ISO 4217.
            pub const fn code(&self) -> &'static str {
                match self.0 { $(Code::$code => stringify!($code)),* }
            }

            /// How many decimals the major unit has: 0, 2, 3 or 4.
            ///
            /// The ISO 4217 figure. A provider that counts otherwise (two
            /// decimals for ISK, say) is that adapter's business; see
            /// [`Money::of_scaled`](crate::Money::of_scaled).
            pub const fn exponent(self) -> u8 {
                match self.0 { $(Code::$code => $exponent),* }
            }
        }
    };
}

// Source: ISO 4217 list one, edition 2026-01-01 (amendment 180), as transcribed
// twice from public copies; the second transcription is in `tests/currency.rs`.
// Unverified: amendments published after that edition were not read. Withdrawn
// codes that a payment still under dispute may carry are kept; see `withdrawn`.
currencies! {
    AED 2 AFN 2 ALL 2 AMD 2 ANG 2 AOA 2 ARS 2 AUD 2 AWG 2 AZN 2
    BAM 2 BBD 2 BDT 2 BGN 2 BHD 3 BIF 0 BMD 2 BND 2 BOB 2 BOV 2 BRL 2 BSD 2 BTN 2 BWP 2 BYN 2 BZD 2
    CAD 2 CDF 2 CHE 2 CHF 2 CHW 2 CLF 4 CLP 0 CNY 2 COP 2 COU 2 CRC 2 CUC 2 CUP 2 CVE 2 CZK 2
    DJF 0 DKK 2 DOP 2 DZD 2
    EGP 2 ERN 2 ETB 2 EUR 2
    FJD 2 FKP 2
    GBP 2 GEL 2 GHS 2 GIP 2 GMD 2 GNF 0 GTQ 2 GYD 2
    HKD 2 HNL 2 HRK 2 HTG 2 HUF 2
    IDR 2 ILS 2 INR 2 IQD 3 IRR 2 ISK 0
    JMD 2 JOD 3 JPY 0
    KES 2 KGS 2 KHR 2 KMF 0 KPW 2 KRW 0 KWD 3 KYD 2 KZT 2
    LAK 2 LBP 2 LKR 2 LRD 2 LSL 2 LYD 3
    MAD 2 MDL 2 MGA 2 MKD 2 MMK 2 MNT 2 MOP 2 MRU 2 MUR 2 MVR 2 MWK 2 MXN 2 MXV 2 MYR 2 MZN 2
    NAD 2 NGN 2 NIO 2 NOK 2 NPR 2 NZD 2
    OMR 3
    PAB 2 PEN 2 PGK 2 PHP 2 PKR 2 PLN 2 PYG 0
    QAR 2
    RON 2 RSD 2 RUB 2 RWF 0
    SAR 2 SBD 2 SCR 2 SDG 2 SEK 2 SGD 2 SHP 2 SLE 2 SLL 2 SOS 2 SRD 2 SSP 2 STN 2 SVC 2 SYP 2 SZL 2
    THB 2 TJS 2 TMT 2 TND 3 TOP 2 TRY 2 TTD 2 TWD 2 TZS 2
    UAH 2 UGX 0 USD 2 USN 2 UYI 0 UYU 2 UYW 4 UZS 2
    VED 2 VES 2 VND 0 VUV 0
    WST 2
    XAD 2 XAF 0 XCD 2 XCG 2 XOF 0 XPF 0
    YER 2
    ZAR 2 ZMW 2 ZWG 2 ZWL 2
}

impl Currency {
    /// Every currency, in order of code.
    pub const fn all() -> &'static [Currency] {
        ALL
    }

    /// The currency with this alphabetic code in any case (`usd`, `USD`), or
    /// `None` when ISO 4217 has no such code or gives it no minor unit.
    ///
    /// ```
    /// use money::Currency;
    ///
    /// assert_eq!(Currency::find("usd"), Some(Currency::USD));
    /// assert_eq!(Currency::find("XAU"), None); // Gold has no minor unit.
    /// ```
    pub fn find(code: &str) -> Option<Currency> {
        let mut wanted = <[u8; 3]>::try_from(code.as_bytes()).ok()?;
        wanted.make_ascii_uppercase();
        let place = ALL
            .binary_search_by(|known| known.code().as_bytes().cmp(&wanted))
            .ok()?;
        ALL.get(place).copied()
    }

    /// True when ISO 4217 has taken the code out of use. Such a currency is
    /// still read: a payment made before the change is disputed after it.
    pub const fn withdrawn(self) -> bool {
        // Amendment 174: HRK gave way to EUR. 175: SLL to SLE. 180: BGN to EUR.
        // Unverified amendment numbers: CUC to CUP, ANG to XCG, ZWL to ZWG; all
        // three are absent from the 2026-01-01 edition.
        matches!(
            self.0,
            Code::ANG | Code::BGN | Code::CUC | Code::HRK | Code::SLL | Code::ZWL
        )
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
