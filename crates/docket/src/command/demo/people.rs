//! Sample people of the demonstration, who enter by link: one who works and repairs at the desk, one of a merchant that owns
//! every account, and an auditor, who reads everything and changes nothing.

use crate::command::{now, stop};
use crate::exit::Stop;
use access::policy::Role;
use access::{MerchantId, Mode, Tenant};
use app::Desk;
use app::entrance::Doer;
use sim::fortnight::accounts;

const MERCHANT: &str = "mer_demonstration";

/// The paths by which they enter.
pub struct Doors {
    pub desk: String,
    pub merchant: String,
    pub auditor: String,
}

/// Makes them where they are not there yet, and a new link for each.
pub fn doors(desk: &mut Desk) -> Result<Doors, Stop> {
    let by = Doer::at_the_shell("demo", Mode::Live, now());
    let known = desk.list_merchants(&by).map_err(stop)?;
    if !known.iter().any(|merchant| merchant.id == MERCHANT) {
        desk.add_merchant(&by, Some(MERCHANT), "Merchant 1")
            .map_err(stop)?;
        for account in accounts() {
            desk.own_account(&by, MERCHANT, &account.scope, Mode::Live)
                .map_err(stop)?;
        }
    }
    let tenant = Tenant::Merchant(MerchantId::parse(MERCHANT).expect("a constant of letters"));
    let merchant = door(desk, &by, "merchant", &[Role::MerchantMember], &tenant)?;
    let auditor = door(desk, &by, "auditor", &[Role::Auditor], &Tenant::Desk)?;
    let works = [Role::Analyst, Role::Operator];
    let desk = door(desk, &by, "analyst", &works, &Tenant::Desk)?;
    Ok(Doors {
        desk,
        merchant,
        auditor,
    })
}

fn door(
    desk: &mut Desk,
    by: &Doer,
    name: &str,
    roles: &[Role],
    tenant: &Tenant,
) -> Result<String, Stop> {
    let email = format!("{name}@example.com");
    let known = desk.list_people(by).map_err(stop)?;
    let known = known.into_iter().find(|person| person.email == email);
    let id = match known {
        Some(person) => person.id,
        None => {
            let shown = format!("Sample {name}");
            let (first, more) = roles.split_first().expect("a door is for some role");
            let invited = desk.invite(by, &email, &shown, *first, tenant);
            let id = invited.map_err(stop)?.person.id;
            for role in more {
                desk.grant_role(by, &id, *role, tenant).map_err(stop)?;
            }
            id
        }
    };
    let link = desk.demonstration_link(by, &id).map_err(stop)?;
    Ok(format!("/enter/{}", link.token.expose()))
}
