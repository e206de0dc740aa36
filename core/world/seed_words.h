/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_WORLD_SEED_WORDS_H
#define SIGNET_WORLD_SEED_WORDS_H

/* What a seeded account is made of. */

static const char *const seed_companies[] = {
    "Northwind Trading", "Acme Logistics",
    "Blue Harbor Bank",  "晨光科技",
    "Café Montréal",     "Zephyr Airlines",
    "Müller & Söhne",    "Golden Lotus Hotel",
    "星海物流",          "Pixel Forge Games",
    "São Paulo Saúde",   "Evergreen Grocers",
    "Kestrel Insurance", "云帆电商",
    "Lumen Energy",      "Île-de-France Mobilité",
    "Orchid Cosmetics",  "Summit Outdoor",
    "锦绣文化传媒",      "Red Maple Dental",
    "Nimbus Cloud",      "Håkansson Bygg",
    "Atlas Courier",     "Velvet Fashion",
    "南方航旅",          "Clearwater Pharmacy",
    "Tres Ríos Turismo", "Ironclad Security",
    "Marigold Kitchen",  "福满楼餐饮",
    "Quanta Learning",   "Østersund Sport",
};

/* Behind a company's name when it has been used already. */
static const char *const seed_branches[] = {
    "Europe", "Asia",    "Online",   "Retail", "Service", "Express", "Club",
    "Direct", "Premium", "Partners", "Labs",   "Mobile",  "Pay",     "Care",
};

static const char *const seed_sign_remarks[] = {
    "The signature does not match the business licence",
    "Brand name requires a letter of authorization",
    "签名与营业执照不符",
    "Generic names are not accepted, use the registered company name",
    "The uploaded certificate has expired",
};

static const char *const seed_template_remarks[] = {
    "Marketing content must include an opt-out",
    "Variables must not stand for a whole sentence",
    "内容含有夸大宣传用语",
    "The link's domain is not registered for this account",
    "The template type does not fit the content",
};

static const struct {
  const char *name;
  const char *type;
  const char *content;
} seed_templates[] = {
    {"Order Notification", "utility",
     "Your order {order_no} has been shipped and is expected to arrive by "
     "{delivery_time}."},
    {"Verification Code", "authentication",
     "Your verification code is {code}. It is valid for {minutes} minutes; do "
     "not share it with anyone."},
    {"Spring Sale", "marketing",
     "Hi {name}, spring is here: {discount}% off everything until {date}. "
     "Reply STOP to opt out."},
    {"Appointment Reminder", "utility",
     "Reminder: your appointment with {staff} is on {date} at {time}. Reply 1 "
     "to confirm."},
    {"Payment Received", "utility",
     "We have received your payment of {amount}. Reference: {reference}."},
    {"验证码", "authentication",
     "您的验证码是{code}，{minutes}分钟内有效，请勿泄露。"},
    {"发货通知", "utility",
     "您的订单{order_no}已发货，预计{delivery_time}送达。"},
    {"Membership Offer", "marketing",
     "{name}, as a member you get free shipping this week. Shop now: {link} "
     "Reply STOP to opt out."},
    {"Password Changed", "utility",
     "The password of your account {account} was changed on {time}. Not you? "
     "Call {phone}."},
    {"Solde d'été", "marketing",
     "Bonjour {name}, jusqu'à {discount} % de réduction dès demain. STOP au "
     "{number}."},
    {"Delivery Delayed", "utility",
     "Your parcel {parcel} is delayed until {date}. We apologise for the "
     "inconvenience."},
    {"Login Alert", "authentication",
     "New sign-in from {device}. Use code {code} to confirm that it was you."},
    {"会员日活动", "marketing",
     "会员日全场{discount}折，仅限今天，回复T退订。"},
    {"Invoice Ready", "utility",
     "Invoice {invoice} over {amount} is ready and due on {date}."},
};

static const char *const seed_countries[] = {
    "CN", "US", "CN,US", "DE,FR,ES", "BR", "GB,IE", "CN,HK,TW", "SE,NO,DK",
};

#endif
