//! Movements: money that a provider took or gave, as it says so itself.

use alloc::string::String;
use money::Money;

/// What a movement was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MovementKind {
    /// The disputed amount taken, or held, from us.
    Withdrawal,
    /// A withdrawal given back.
    Reinstatement,
    /// The fee for receiving a dispute.
    ReceivedFee,
    /// The fee for answering one.
    CounterFee,
    /// The fee for a compliance case.
    ComplianceFee,
    /// Any of the fees, given back.
    FeeReturn,
    /// A difference of exchange rates between two legs of one dispute.
    FxAdjustment,
    /// A credit to the payer before a dispute (an alert refund, an automatic resolution).
    PreDisputeCredit,
    /// Money set aside against a dispute, and its release.
    Reserve,
    ReserveRelease,
    /// A transfer to a connected merchant taken back, on platforms.
    TransferReversal,
    Tax,
    /// Money that moved for a reason we do not understand yet: it waits in suspense, never lost.
    Unexplained,
}

impl MovementKind {
    pub const ALL: [MovementKind; 13] = [
        MovementKind::Withdrawal,
        MovementKind::Reinstatement,
        MovementKind::ReceivedFee,
        MovementKind::CounterFee,
        MovementKind::ComplianceFee,
        MovementKind::FeeReturn,
        MovementKind::FxAdjustment,
        MovementKind::PreDisputeCredit,
        MovementKind::Reserve,
        MovementKind::ReserveRelease,
        MovementKind::TransferReversal,
        MovementKind::Tax,
        MovementKind::Unexplained,
    ];

    /// The stable text form.
    pub fn name(self) -> &'static str {
        match self {
            MovementKind::Withdrawal => "withdrawal",
            MovementKind::Reinstatement => "reinstatement",
            MovementKind::ReceivedFee => "received-fee",
            MovementKind::CounterFee => "counter-fee",
            MovementKind::ComplianceFee => "compliance-fee",
            MovementKind::FeeReturn => "fee-return",
            MovementKind::FxAdjustment => "fx-adjustment",
            MovementKind::PreDisputeCredit => "pre-dispute-credit",
            MovementKind::Reserve => "reserve",
            MovementKind::ReserveRelease => "reserve-release",
            MovementKind::TransferReversal => "transfer-reversal",
            MovementKind::Tax => "tax",
            MovementKind::Unexplained => "unexplained",
        }
    }

    /// Reads the stable text form.
    pub fn parse(name: &str) -> Option<MovementKind> {
        MovementKind::ALL
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

/// One movement of money between the provider and us.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Movement {
    /// The provider's own key of the movement. The same key posts once, whatever document says it (F-06, F-09).
    pub key: String,
    pub kind: MovementKind,
    /// From our side: negative was taken from us, positive was given to us. In the currency of the settlement.
    pub amount: Money,
    /// Whether the provider says the money is final on its side; otherwise it is booked as pending.
    pub settled: bool,
}
